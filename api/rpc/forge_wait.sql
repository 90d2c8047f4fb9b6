create or replace function api.forge_wait(
  inout job_id bigint, timeout interval default '1 hour',
  out status text, out model text, out version integer, out error text, out seconds double precision
)
returns setof record
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz := clock_timestamp() + coalesce(timeout, interval '1 hour');
  v_limit interval := current_setting('statement_timeout')::interval;
  v_pause double precision := 0.02;
  v_job forge.job;
begin
  -- Where statements are timed out, as over HTTP, tell how the job stands before that happens.
  if v_limit > interval '0' then
    v_until := least(v_until, statement_timestamp() + v_limit * 0.9);
  end if;
  loop
    select * into v_job
    from forge.job as j
    where j.owner_id = (select ops.current_owner()) and j.id = forge_wait.job_id;
    if not found then
      perform ops.fail('P0002', format('no job %s', forge_wait.job_id), 'The view jobs lists your jobs.');
    end if;
    exit when v_job.status in ('succeeded', 'failed', 'cancelled') or clock_timestamp() >= v_until;
    -- now() is when a transaction began, and so the same for the job only if this one asked for it.
    if v_job.created_at = now() and pg_current_xact_id_if_assigned() is not null then
      raise exception 'job % was asked for in this very transaction, so no worker sees it yet', v_job.id
        using errcode = '25001', hint = 'Commit first; call forge_wait in a statement of its own.';
    end if;
    -- One snapshot for the whole transaction never shows that the job has ended.
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
      raise exception 'a transaction that is % sees the job as it was when it began', current_setting('transaction_isolation')
        using errcode = '25001', hint = 'Call forge_wait in a transaction that is read committed.';
    end if;
    perform pg_sleep(greatest(least(v_pause, extract(epoch from v_until - clock_timestamp())), 0.001));
    v_pause := least(v_pause * 1.3, 0.25);
  end loop;
  status := v_job.status;
  model := v_job.model;
  version := v_job.version;
  error := v_job.error;
  seconds := extract(epoch from coalesce(v_job.finished_at, clock_timestamp()) - v_job.created_at);
  return next;
end
$$;

comment on function api.forge_wait(bigint, interval) is
'Waits until a job has ended, or until the timeout, and tells how it stands: status is succeeded, failed, cancelled, or
queued or running when the time was up. Call it in a statement of its own. SQLSTATE P0002, 25001 in the transaction
that asked for the job, and where one snapshot serves the whole transaction (repeatable read).';
