create or replace function forge.send_job(p_job forge.job)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stream.send(
    'training',
    jsonb_build_object('job_id', (p_job).id, 'owner_id', (p_job).owner_id, 'priority', (p_job).priority)
  );
$$;

comment on function forge.send_job(forge.job) is
'Puts the message of a job into the queue; returns its id. For functions that run as datapunk_owner only.';
