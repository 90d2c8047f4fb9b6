create or replace function gaia.tell_progress(p_task_id bigint, p_status text)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select pg_notify('datapunk_gaia', jsonb_build_object('job_id', p_task_id, 'status', p_status)::text);
$$;

comment on function gaia.tell_progress(bigint, text) is
'Notifies who listens on the channel datapunk_gaia that a question in the background has a new status.';
