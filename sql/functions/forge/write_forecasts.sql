create or replace function forge.write_forecasts(
  p_job_id bigint, p_token bigint, p_version_id bigint, p_series text, p_at double precision[],
  p_values double precision[], p_lowers text[], p_uppers text[]
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform forge.hold_job(p_job_id, p_token);
  insert into forge.forecast (version_id, series, step, at, value, lowers, uppers)
  select p_version_id, p_series, f.step, to_timestamp(f.at), f.value, f.lowers::real[], f.uppers::real[]
  from unnest(p_at, p_values, p_lowers, p_uppers) with ordinality as f (at, value, lowers, uppers, step);
end
$$;

comment on function forge.write_forecasts(
  bigint, bigint, bigint, text, double precision[], double precision[], text[], text[]
) is
'Stores what is expected of a series, step by step; times are seconds since 1970, each element of p_lowers and
p_uppers is an array in its text form, an end for each level. SQLSTATE 55000 when the token is stale.';
