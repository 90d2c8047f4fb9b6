create or replace function lake.secret_kinds()
returns text[]
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
select array(select s.kind from lake.sensitivities() as s where s.sensitivity = 'secret');
$$;

comment on function lake.secret_kinds() is
'The kinds that are secret for the current owner: searches, answers and datasets leave them out unless they are named.';
