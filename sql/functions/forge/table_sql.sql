create or replace function forge.table_sql(p_input jsonb, p_column text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_default constant text := forge.number_literal((p_input ->> 'default')::double precision);
  v_codes constant double precision[] := array(
    select (t.value ->> 0)::double precision from jsonb_array_elements(p_input -> 'table') with ordinality as t
    order by t.ordinality
  );
  v_values constant double precision[] := array(
    select (t.value ->> 1)::double precision from jsonb_array_elements(p_input -> 'table') with ordinality as t
    order by t.ordinality
  );
begin
  -- Codes are mostly -2, -1, 0, 1 ...: a place in an array is found at once, however many there are.
  if cardinality(v_codes) > 1 and v_codes = array(
    select (v_codes[1] + n)::double precision from generate_series(0, cardinality(v_codes) - 1) as n
  ) and abs(v_codes[1]) < 1000 then
    return format(
      'coalesce((%L::pg_catalog.float8[])[(%s)::pg_catalog.int4 operator(pg_catalog.+) %s], %s)',
      v_values, p_column, 1 - v_codes[1]::integer, v_default
    );
  end if;
  return (
    select format('case %s else %s end', string_agg(
      format(
        'when %s operator(pg_catalog.=) %s then %s', p_column, forge.number_literal(t.code),
        forge.number_literal(t.value)
      ), ' ' order by t.ordinality
    ), v_default)
    from unnest(v_codes, v_values) with ordinality as t (code, value, ordinality)
  );
end
$$;

comment on function forge.table_sql(jsonb, text) is
'The SQL expression of what the table of an input has for a code, from the expression of a column of codes.';
