create or replace function gaia.drop_results()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from gaia.step_result as r where r.owner_id = (select ops.current_owner());
  return null;
end
$$;

comment on function gaia.drop_results() is
'Trigger of lake.item: items that change or go take the kept results of plans with them, which may quote them.';
