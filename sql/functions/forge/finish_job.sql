create or replace function forge.finish_job(p_job_id bigint, p_token bigint, p_version_id bigint, p_usage jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job := forge.hold_job(p_job_id, p_token);
  v_version forge.version;
  v_same_measure boolean;
  v_deployed bigint;
  v_comparison forge.comparison;
begin
  select * into strict v_version
  from forge.version as v
  where v.owner_id = v_job.owner_id and v.id = p_version_id and v.job_id = p_job_id;
  update forge.job as j
  set status = 'succeeded', progress = 1, stage = '', lease_until = null, finished_at = clock_timestamp(),
    version = v_version.version
  where j.owner_id = v_job.owner_id and j.id = p_job_id;
  update forge.run as r
  set outcome = 'succeeded', finished_at = clock_timestamp(), cpu_s = (p_usage ->> 'cpu_s')::double precision,
    peak_memory_mb = (p_usage ->> 'peak_memory_mb')::double precision
  where r.owner_id = v_job.owner_id and r.job_id = p_job_id and r.fencing_token = p_token;
  if v_job.options ->> 'deploy' = 'never' then
    return v_version.version;
  end if;
  select d.version_id into v_deployed
  from forge.deployment as d
  where d.owner_id = v_job.owner_id and d.model_id = v_version.model_id and d.retired_at is null
    and d.traffic = 1 and not d.shadow;
  -- Scored on the same rows by the training, where the recipe holds rows out and the two take the same columns.
  if v_version.parameters -> 'comparison' is not null then
    insert into forge.comparison (
      version_id, incumbent_id, metric, row_count, candidate, incumbent, lower, upper, passed, reason
    )
    select p_version_id, c.incumbent_id, c.metric, c.row_count, c.candidate, c.incumbent, c.lower, c.upper, c.passed, c.reason
    from jsonb_to_record(v_version.parameters -> 'comparison') as c (
      incumbent_id bigint, metric text, row_count bigint, candidate double precision, incumbent double precision,
      lower double precision, upper double precision, passed boolean, reason text
    )
    returning * into v_comparison;
  end if;
  v_same_measure := exists (
    select from forge.metric as m
    where m.owner_id = v_job.owner_id and m.version_id = v_deployed
      and m.name = v_version.primary_metric and m.scored = 'model'
  );
  if v_deployed is null then
    perform forge.deploy_version(p_version_id, 'first version');
  elsif v_job.options ->> 'deploy' = 'always' then
    perform forge.deploy_version(p_version_id, 'trained with deploy = always');
  elsif v_comparison.incumbent_id = v_deployed then
    if v_comparison.passed then
      perform forge.deploy_version(p_version_id, v_comparison.reason);
    end if;
  elsif not v_same_measure then
    perform forge.deploy_version(p_version_id, format('the version before has no %s', v_version.primary_metric));
  else
    -- Figures of different rows tell no two versions apart.
    insert into forge.comparison (version_id, incumbent_id, metric, row_count, passed, reason)
    values (
      p_version_id, v_deployed, v_version.primary_metric, 0, coalesce(v_job.options ->> 'gate', 'better') = 'not_worse',
      'nothing to compare by: no rows that both can be asked about and that the version before has not learned from'
    )
    returning * into v_comparison;
    if v_comparison.passed then
      perform forge.deploy_version(p_version_id, v_comparison.reason || '; the gate not_worse takes the newer one');
    end if;
  end if;
  return v_version.version;
end
$$;

comment on function forge.finish_job(bigint, bigint, bigint, jsonb) is
'Ends a job whose version is written, and deploys that by the option deploy: always, never, or best (it passed the gate
against the deployed version on the same rows; none is deployed, or one that has not its primary metric; where the two
cannot be compared, the gate not_worse takes the newer one). Returns the version''s number. SQLSTATE 55000.';
