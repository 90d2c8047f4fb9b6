create or replace function forge.forecast_of_others(
  p_owner_id text, p_version_id bigint, p_position integer, p_level double precision
)
returns table (at timestamptz, value double precision, lower double precision, upper double precision)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select
    f.at, avg(f.value),
    -- What a series may be away from the mean of all, and what its own forecast may be away from what comes.
    avg(f.value) - sqrt(avg((f.value - f.lowers[p_position]) ^ 2) + s.spread ^ 2 * coalesce(var_samp(f.value), 0)),
    avg(f.value) + sqrt(avg((f.uppers[p_position] - f.value) ^ 2) + s.spread ^ 2 * coalesce(var_samp(f.value), 0))
  from forge.forecast as f
  cross join (
    -- Standard deviations of a normal distribution that the level reaches.
    select case p_level
      when 0.5 then 0.674490 when 0.8 then 1.281552 when 0.9 then 1.644854 else 1.959964
    end::double precision as spread
  ) as s
  where f.owner_id = p_owner_id and f.version_id = p_version_id
  group by f.at, s.spread
  order by f.at
$$;

comment on function forge.forecast_of_others(text, bigint, integer, double precision) is
'What a series that a forecaster does not know is expected to be: the mean of those that it knows, in an interval as
wide as they differ and are uncertain. p_position is the number of p_level among the version''s levels.';
