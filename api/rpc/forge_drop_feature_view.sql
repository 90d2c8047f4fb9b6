create or replace function api.forge_drop_feature_view(name text)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.drop_feature_view(name);
$$;

comment on function api.forge_drop_feature_view(text) is
'Deletes a feature view; false when there was none. Models trained on it stay.';
