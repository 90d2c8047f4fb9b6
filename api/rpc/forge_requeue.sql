create or replace function api.forge_requeue(job_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.requeue_job(job_id);
$$;

comment on function api.forge_requeue(bigint) is
'Gives a job that failed for good, or was cancelled, another chance with all its attempts; the view jobs tells why it
failed. False when it waits, runs or succeeded. SQLSTATE P0002.';
