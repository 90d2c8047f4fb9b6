create or replace function forge.time_expressions(p_value text, p_type text, p_parts jsonb)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seconds text;
  v_days text;
  v_weekday text;
  v_month text;
begin
  if p_type like 'timestamp%' or p_type = 'date' then
    -- Of an infinite time these are infinite or NULL.
    v_days := case
      when p_type like 'timestamp with %' then format('pg_catalog.timezone(''UTC'', %s)', p_value) else p_value
    end;
    v_seconds := format('extract(epoch from %s)::pg_catalog.float8', v_days);
    v_weekday := format('(extract(isodow from %s)::pg_catalog.float8 operator(pg_catalog.-) 1)', v_days);
    v_month := format('extract(month from %s)::pg_catalog.float8', v_days);
    if p_type <> 'date' then
      v_seconds := format('pg_catalog.date_part(''epoch'', %s)', v_days);
      v_weekday := format('(pg_catalog.date_part(''isodow'', %s) operator(pg_catalog.-) 1)', v_days);
      v_month := format('pg_catalog.date_part(''month'', %s)', v_days);
    end if;
    v_days := format('pg_catalog.floor(%s operator(pg_catalog./) 86400)', v_seconds);
  else
    -- As far as timestamps reach.
    v_seconds := format(
      'case when pg_catalog.abs(%1$s) operator(pg_catalog.<=) 1e13::pg_catalog.float8 then %1$s end',
      forge.number_expression(p_value, p_type)
    );
    v_days := format('pg_catalog.floor(%s operator(pg_catalog./) 86400)', v_seconds);
    -- Monday is 0, and so was the fourth day before the first of 1970. The calendar comes again after 146,097 days.
    v_weekday := format(
      '(%1$s operator(pg_catalog.+) 3 operator(pg_catalog.-) '
      '(pg_catalog.floor((%1$s operator(pg_catalog.+) 3) operator(pg_catalog./) 7) operator(pg_catalog.*) 7))', v_days
    );
    v_month := format(
      'extract(month from (''1970-01-01''::pg_catalog.date operator(pg_catalog.+) (%1$s operator(pg_catalog.-) '
      '(pg_catalog.floor(%1$s operator(pg_catalog./) 146097) operator(pg_catalog.*) 146097))::pg_catalog.int4)'
      ')::pg_catalog.float8', v_days
    );
  end if;
  return array(
    select case p.part
      when 'days' then format('(%s operator(pg_catalog./) 86400)', v_seconds)
      when 'hour' then format(
        '((%s operator(pg_catalog.-) (%s operator(pg_catalog.*) 86400)) operator(pg_catalog./) 3600)', v_seconds, v_days
      )
      when 'weekday' then v_weekday
      when 'month' then v_month
    end
    from jsonb_array_elements_text(coalesce(p_parts, '[]')) with ordinality as p (part, ordinality)
    order by p.ordinality
  );
end
$$;

comment on function forge.time_expressions(text, text, jsonb) is
'SQL expressions for the parts of a time that a model reads (days, hour, weekday, month), from an expression of that SQL
type, a bare number being seconds since 1970. Of an infinite time they are infinite, NaN or NULL: as good as missing.';
