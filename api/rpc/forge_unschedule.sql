create or replace function api.forge_unschedule(model text)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.drop_schedule(model);
$$;

comment on function api.forge_unschedule(text) is
'Ends that a model is trained again by itself; false when it was not.';
