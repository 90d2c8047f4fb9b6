create or replace function forge.cached_features(p_job_id bigint, p_token bigint)
returns table (ttl_s integer, content bytea)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job := forge.hold_job(p_job_id, p_token);
begin
  return query
  select f.ttl_s, c.content
  from forge.feature_view as f
  left join forge.feature_cache as c
    on c.owner_id = f.owner_id and c.name = f.name and c.role_name = v_job.role_name and c.query = v_job.query
      and c.read_at > clock_timestamp() - make_interval(secs => f.ttl_s)
  where f.owner_id = v_job.owner_id and f.name = v_job.dataset and f.query = v_job.query and f.ttl_s > 0
    and not v_job.options ? 'as_of';
end
$$;

comment on function forge.cached_features(bigint, bigint) is
'The feature view that a job trains on, where it has a time to live: that, and its rows where they were read with the
same rights within it. No row for other datasets, and for what was known at another time. SQLSTATE 55000 when the token is stale.';
