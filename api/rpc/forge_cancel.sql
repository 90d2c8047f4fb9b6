create or replace function api.forge_cancel(job_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.cancel_job(job_id);
$$;

comment on function api.forge_cancel(bigint) is
'Cancels a job; a running one ends within two seconds. False when it had ended already. SQLSTATE P0002.';
