create or replace function api.gaia_cancel(job_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select gaia.cancel_task(job_id);
$$;

comment on function api.gaia_cancel(bigint) is
'Cancels a question in the background; a running one ends within a second. False when it had ended. SQLSTATE P0002.';
