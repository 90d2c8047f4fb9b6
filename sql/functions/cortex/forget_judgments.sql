create or replace function cortex.forget_judgments()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  delete from cortex.judgment as j
  where j.owner_id = (select ops.current_owner()) and j.item_id = any (array(select o.id from old_item as o));
  return null;
end
$$;

comment on function cortex.forget_judgments() is
'Trigger of lake.item: judgments go with the items that they judge.';
