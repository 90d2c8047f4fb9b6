create or replace function cortex.roll_back()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('cortex.switch', 0));
  select g.id into v_before
  from cortex.generation as g
  where g.state = 'retired'
  order by g.retired_at desc nulls last
  limit 1;
  if v_before is null then
    perform ops.fail(
      'P0002', 'there is no generation to go back to', 'The view generations lists those that are kept.'
    );
  end if;
  perform cortex.activate_generation(v_before);
  -- Texts that came since then are embedded by its model.
  perform cortex.enqueue_maintenance('sweep');
  return v_before;
end
$$;

comment on function cortex.roll_back() is
'The part of api.cortex_rollback that writes. SQLSTATE P0002 when no other generation is kept.';
