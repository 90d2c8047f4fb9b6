create or replace function forge.drop_schedule(p_model text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from forge.schedule as s where s.owner_id = ops.current_owner() and s.model = p_model;
  return found;
end
$$;

comment on function forge.drop_schedule(text) is
'Ends that a model is trained again by itself; false when it was not.';
