create or replace function lake.request_pii(p_item_ids bigint[])
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_noted bigint;
begin
  insert into lake.pii_scan as s (item_id)
  select i.id
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id = any (p_item_ids)
  -- In one order everywhere, so that two requests wait for each other instead of ending one.
  order by i.id
  on conflict on constraint pii_scan_pk do update
  set state = 'waiting', revision = s.revision + 1, attempts = 0, claimed_until = '-infinity', error = null;
  get diagnostics v_noted = row_count;
  -- What was found in the texts as they were may be somewhere else by now.
  delete from lake.pii as p where p.owner_id = (select ops.current_owner()) and p.item_id = any (p_item_ids);
  if v_noted > 0 then
    perform lake.enqueue_pii();
  end if;
  return v_noted;
end
$$;

comment on function lake.request_pii(bigint[]) is
'Has items of the current owner looked through for personal data by a worker, again where they were; returns how many.';
