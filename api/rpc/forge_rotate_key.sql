create or replace function api.forge_rotate_key()
returns bigint
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select forge.request_reseal()
$$;

comment on function api.forge_rotate_key() is
'Has a worker seal all your artefacts again, with the key that DATAPUNK_SEAL_WITH of the worker names, or keep them
plain where that is not set; returns how many there are. The worker needs the old keys too. The view artifacts shows
which key each is sealed with; a failure is a row of dead_letters.';
