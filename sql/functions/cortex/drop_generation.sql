create or replace function cortex.drop_generation(p_generation_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_state constant text := (select g.state from cortex.generation as g where g.id = p_generation_id);
begin
  if v_state is null then
    return false;
  end if;
  if v_state = 'active' then
    perform ops.fail(
      '22023', format('generation %s is the one that searches read', p_generation_id),
      'Switch to another one first: cortex_switch or cortex_rollback.'
    );
  end if;
  execute format('drop table if exists cortex.%I', format('embedding_%s', p_generation_id));
  delete from cortex.generation as g where g.id = p_generation_id;
  perform cortex.enqueue_maintenance('sweep');
  return true;
end
$$;

comment on function cortex.drop_generation(bigint) is
'Deletes a generation that is retired or being built, with its embeddings; false when there is none. Waits at most two
seconds for searches in progress, SQLSTATE 55P03 then. SQLSTATE 22023 for the active one.';
