create or replace function gaia.average(p_parameters jsonb, p_count bigint, p_first timestamptz, p_last timestamptz)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_zone constant text := coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC');
  v_unit constant text := coalesce(p_parameters ->> 'unit', 'week');
  -- What is still to come holds nothing yet: an average ends today.
  v_since constant date := (coalesce((p_parameters ->> 'since')::timestamptz, p_first) at time zone v_zone)::date;
  v_until constant date := least(
    coalesce(
      ((p_parameters ->> 'until')::timestamptz at time zone v_zone)::date, (p_last at time zone v_zone)::date + 1
    ),
    greatest((ops.now() at time zone v_zone)::date + 1, (p_last at time zone v_zone)::date + 1)
  );
  v_days constant integer := v_until - v_since;
  v_months constant numeric := (date_part('year', v_until) - date_part('year', v_since)) * 12
  + date_part('month', v_until) - date_part('month', v_since)
  + (date_part('day', v_until) - date_part('day', v_since)) / 30.4375;
  v_units numeric;
begin
  v_units := case v_unit when 'day' then v_days when 'week' then v_days / 7.0 when 'month' then v_months
    when 'year' then v_months / 12 end;
  return jsonb_build_object(
    'unit', v_unit, 'units', round(v_units, 2),
    'average', case when v_units > 0 then round(p_count / v_units, 2) else 0 end
  );
end
$$;

comment on function gaia.average(jsonb, bigint, timestamptz, timestamptz) is
'How many a day, week, month or year (p_parameters.unit) p_count things are, from since to until, else from the first
to the last of them; a period that goes on ends today. Returns unit, units and average.';
