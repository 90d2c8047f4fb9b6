create or replace function forge.drop_model(p_model text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found boolean;
begin
  update forge.job as j
  set cancel_requested = true
  where j.owner_id = ops.current_owner() and j.model = p_model and j.status in ('queued', 'running');
  delete from forge.schedule as s where s.owner_id = ops.current_owner() and s.model = p_model;
  delete from forge.model as m where m.owner_id = ops.current_owner() and m.name = p_model;
  v_found := found;
  delete from forge.dataset as d
  where d.owner_id = ops.current_owner()
    and not exists (select from forge.version as v where v.owner_id = d.owner_id and v.dataset_id = d.id);
  return v_found;
end
$$;

comment on function forge.drop_model(text) is
'Deletes a model with all versions and the record of their datasets, and cancels what still trains it.
False when there was none.';
