create or replace function forge.drop_feature_view(p_name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from forge.feature_view as f where f.owner_id = ops.current_owner() and f.name = p_name;
  return found;
end
$$;

comment on function forge.drop_feature_view(text) is
'Deletes a feature view and what was kept of its rows; false when there was none. Models trained on it stay.';
