create or replace function forge.linear_sql(p_native jsonb, p_output integer, p_columns text[], p_checked boolean)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_intercept double precision := (p_native -> 'intercepts' ->> p_output)::double precision;
  v_terms text[] := array[]::text[];
  v_input jsonb;
  v_weight double precision;
  v_missing text;
  v_number integer := 0;
  v_column text;
begin
  for v_input in select i.value from jsonb_array_elements(p_native -> 'inputs') with ordinality as i order by i.ordinality loop
    v_weight := (p_native -> 'coefficients' -> p_output ->> v_number)::double precision;
    v_number := v_number + 1;
    v_column := p_columns[(v_input ->> 'column')::integer + 1];
    v_intercept := v_intercept + v_weight * (v_input ->> 'offset')::double precision;
    v_missing := forge.number_literal(
      v_weight * ((v_input ->> 'missing')::double precision - (v_input ->> 'offset')::double precision)
    );
    v_weight := v_weight * (v_input ->> 'slope')::double precision;
    if jsonb_typeof(v_input -> 'table') = 'array' then
      v_terms := v_terms || format(
        'coalesce(case %s when %s is not null then %s end, %s)',
        (
          select string_agg(
            format(
              'when %s operator(pg_catalog.=) %s then %s', v_column, forge.number_literal((c.value ->> 0)::double precision),
              forge.number_literal(v_weight * (c.value ->> 1)::double precision)
            ), ' ' order by c.ordinality
          )
          from jsonb_array_elements(v_input -> 'table') with ordinality as c
        ),
        v_column, forge.number_literal(v_weight * (v_input ->> 'default')::double precision), v_missing
      );
    elsif not p_checked then
      -- The graph reads float32.
      v_terms := v_terms || format(
        'coalesce(%s::pg_catalog.float4 operator(pg_catalog.*) %s, %s)', v_column, forge.number_literal(v_weight), v_missing
      );
    else
      v_terms := v_terms || format(
        'case when %1$s operator(pg_catalog.>) ''-Infinity''::pg_catalog.float8 '
        'and %1$s operator(pg_catalog.<) ''Infinity''::pg_catalog.float8 '
        'then %1$s::pg_catalog.float4 operator(pg_catalog.*) %2$s else %3$s end',
        v_column, forge.number_literal(v_weight), v_missing
      );
    end if;
  end loop;
  return array_to_string(forge.number_literal(v_intercept) || v_terms, ' operator(pg_catalog.+) ');
end
$$;

comment on function forge.linear_sql(jsonb, integer, text[], boolean) is
'The SQL expression of one raw output of a linear model in native form, from expressions of the matrix''s columns.
Checked, it takes NaN and infinities for missing, as the model host does; else its result is not finite then.';
