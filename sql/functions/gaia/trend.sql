create or replace function gaia.trend(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_zone constant text := coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC');
  v_unit constant text := coalesce(p_parameters ->> 'unit', 'month');
  v_form constant text := case v_unit when 'year' then 'YYYY' when 'quarter' then 'YYYY-"Q"Q' when 'month' then 'YYYY-MM'
    when 'week' then 'IYYY-"W"IW' else 'YYYY-MM-DD' end;
  v_since date := ((p_parameters ->> 'since')::timestamptz at time zone v_zone)::date;
  v_until date := ((p_parameters ->> 'until')::timestamptz at time zone v_zone)::date;
  v_rows jsonb;
  v_slope double precision;
  v_mean double precision;
  v_total bigint;
begin
  with day as materialized (
    select m.day, count(*) as number
    from gaia.matching_items(p_parameters, 'day') as m
    where m.day is not null
    group by m.day
  ), bound as (
    select coalesce(v_since, min(d.day)) as since, least(coalesce(v_until, max(d.day) + 1), greatest(
      (ops.now() at time zone v_zone)::date + 1, max(d.day) + 1
    )) as until
    from day as d
  ), bucket as materialized (
    select g.at::date as day, row_number() over (order by g.at) as place
    from bound as b
    cross join lateral generate_series(
      date_trunc(v_unit, b.since::timestamp), b.until::timestamp - interval '1 day',
      case v_unit when 'quarter' then interval '3 months' else ('1 ' || v_unit)::interval end
    ) as g (at)
  ), counted as (
    select b.place, to_char(b.day, v_form) as period, coalesce(sum(d.number), 0)::bigint as number
    from bucket as b
    left join day as d on date_trunc(v_unit, d.day::timestamp)::date = b.day
    group by b.place, b.day
  )
  select
    coalesce(jsonb_agg(jsonb_build_object('period', c.period, 'count', c.number) order by c.place), '[]'::jsonb),
    regr_slope(c.number, c.place), avg(c.number), coalesce(sum(c.number), 0)
  into v_rows, v_slope, v_mean, v_total
  from counted as c;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'kind', p_parameters ->> 'kind', 'unit', v_unit, 'total', v_total, 'slope', round(v_slope::numeric, 3),
      -- A change of less than a fiftieth of the mean a step is none.
      'direction', case when v_slope is null or v_mean = 0 or abs(v_slope) < v_mean / 50 then 'flat'
        when v_slope > 0 then 'up' else 'down' end,
      'rows', v_rows
    ),
    'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.trend(jsonb) is
'Subroutine trend: how many a day, week, month, quarter or year (p_parameters.unit), those without any included.
data: rows of period and count in their order, total, slope (things more each step, by least squares) and direction
(up, down, flat).';
