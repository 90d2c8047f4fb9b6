create or replace function api.forge_forecast(model text, horizon integer default null, options jsonb default '{}')
returns table (
  series text, at timestamptz, value double precision, lower double precision, upper double precision
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_options jsonb := forge.checked_options(options, '{"series": "string", "level": "number", "version": "integer", "fallback": "boolean"}');
  v_version forge.version := forge.version_of(model, (v_options ->> 'version')::integer);
  v_longest integer := (v_version.signature ->> 'horizon')::integer;
  v_level double precision := coalesce((v_options ->> 'level')::double precision, 0.95);
  v_position integer := (
    select l.position
    from jsonb_array_elements_text(v_version.signature -> 'levels') with ordinality as l (level, position)
    where l.level::double precision = v_level
  );
  v_series constant text := v_options ->> 'series';
begin
  if v_version.recipe <> 'forecaster' then
    raise exception 'the model "%" is a %, not a forecaster', model, v_version.recipe
      using errcode = '22023', hint = 'Use forge_predict, or train one with the recipe forecaster.';
  end if;
  if horizon not between 1 and v_longest then
    raise exception 'horizon is %', horizon using errcode = '22023', hint = format(
      'This version looks %s steps (%s) ahead; train with the option horizon for more.',
      v_longest, v_version.signature ->> 'frequency'
    );
  end if;
  if v_position is null then
    raise exception 'level is %', v_level using errcode = '22023',
      hint = format('Levels: %s.', v_version.signature -> 'levels');
  end if;
  if v_series is not null and not exists (
    select from forge.forecast as f
    where f.owner_id = v_version.owner_id and f.version_id = v_version.id and f.series = v_series
  ) then
    if not coalesce((v_options -> 'fallback')::boolean, false) then
      perform ops.fail(
        'P0002', format('the model "%s" has no series "%s"', model, v_series),
        'Names are as in the dataset; {"fallback": true} gives what its series are on the whole.'
      );
    end if;
    return query
    select v_series, o.at, o.value, o.lower, o.upper
    from forge.forecast_of_others(v_version.owner_id, v_version.id, v_position, v_level) as o
    limit coalesce(horizon, v_longest);
    return;
  end if;
  return query
  select f.series, f.at, f.value, f.lowers[v_position]::double precision, f.uppers[v_position]::double precision
  from forge.forecast as f
  where f.owner_id = v_version.owner_id and f.version_id = v_version.id
    and f.step <= coalesce(horizon, v_longest) and (v_series is null or f.series = v_series)
  order by f.series, f.step;
end
$$;

comment on function api.forge_forecast(text, integer, jsonb) is
'What a forecaster expects of each series in the next steps, with an interval; all steps that it knows where horizon
is null. Options: series (one only), fallback (whether a series that it does not know gets what its series are
on the whole), level (0.5, 0.8, 0.9 or 0.95, the default), version. SQLSTATE 22023, DP020,
P0002 for an unknown series without fallback.';
