create or replace function api.cortex_requeue()
returns integer
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select cortex.retry_failed();
$$;

comment on function api.cortex_requeue() is
'Puts your texts whose embedding was given up back into the backlog; returns how many. cortex_status counts them as
failed.';
