create or replace function api.cortex_rollback()
returns bigint
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select cortex.roll_back();
$$;

comment on function api.cortex_rollback() is
'Switches back to the generation that searches read before; returns its number. Called again, it switches forth. What
was added meanwhile is found by its words until a worker has embedded it. For the role datapunk. SQLSTATE P0002 when no
other generation is kept, 55P03 when answers in progress take too long.';
