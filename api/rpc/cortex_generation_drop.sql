create or replace function api.cortex_generation_drop(generation bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select cortex.drop_generation(generation);
$$;

comment on function api.cortex_generation_drop(bigint) is
'Deletes a generation that searches do not read: one that is kept, or one that is being built. False when there is none.
For the role datapunk. SQLSTATE 22023 for the active one, 55P03 when searches in progress take too long.';
