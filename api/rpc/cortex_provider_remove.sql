create or replace function api.cortex_provider_remove(name text)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select cortex.remove_provider(name);
$$;

comment on function api.cortex_provider_remove(text) is
'Removes a provider and the model that was made for it; false when there is none. For the role datapunk.
SQLSTATE 22023 while a generation uses it, also one that is kept.';
