create or replace function forge.drop_model(p_model text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update forge.job as j
  set cancel_requested = true
  where j.owner_id = ops.current_owner() and j.model = p_model and j.status in ('queued', 'running');
  delete from forge.model as m where m.owner_id = ops.current_owner() and m.name = p_model;
  return found;
end
$$;

comment on function forge.drop_model(text) is
'Deletes a model with all versions, and cancels what still trains it; false when there was none.';
