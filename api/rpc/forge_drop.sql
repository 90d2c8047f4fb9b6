create or replace function api.forge_drop(model text)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.drop_model(model);
$$;

comment on function api.forge_drop(text) is
'Deletes a model with all its versions, and cancels what still trains it; false when there was none.
SQLSTATE 2BP01 where something of yours uses a function of forge_compile: the detail names it, drop it first.';
