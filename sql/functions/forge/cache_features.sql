create or replace function forge.cache_features(p_job_id bigint, p_token bigint, p_read_at timestamptz, p_content bytea)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job := forge.hold_job(p_job_id, p_token);
begin
  insert into forge.feature_cache as c (name, role_name, query, read_at, content)
  select f.name, v_job.role_name, v_job.query, p_read_at, p_content
  from forge.feature_view as f
  where f.owner_id = v_job.owner_id and f.name = v_job.dataset and f.query = v_job.query and f.ttl_s > 0
  on conflict on constraint feature_cache_pk do update
    set query = excluded.query, read_at = excluded.read_at, content = excluded.content;
  return found;
end
$$;

comment on function forge.cache_features(bigint, bigint, timestamptz, bytea) is
'Keeps the rows of the feature view that a job trains on, where it has a time to live; false where it has none.
SQLSTATE 55000 when the token is stale.';
