create or replace function forge.linear_sql(p_native jsonb, p_output integer, p_columns text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Added to a number, it keeps the product from being too small for float8, which is an error.
  v_shift constant double precision := 2.0::double precision ^ -96;
  v_plus constant text := ' operator(pg_catalog.+) ';
  v_intercept double precision := (p_native -> 'intercepts' ->> p_output)::double precision;
  v_quick_intercept double precision := 0;
  v_scale double precision;
  v_least double precision;
  v_quick text[] := array[]::text[];
  v_checked text[] := array[]::text[];
  v_term record;
  v_column text;
  v_sum text;
begin
  -- With weights of at most a half together, no sum of products is too large for float8, whatever the numbers are.
  select
    2.0::double precision ^ ceil(log(2.0, greatest(1, 2 * sum(abs(t.weight)))::numeric))::double precision,
    min(abs(t.weight))
  into v_scale, v_least
  from forge.linear_terms(p_native, p_output) as t
  where t.is_quick;
  v_scale := coalesce(v_scale, 1);
  for v_term in select t.* from forge.linear_terms(p_native, p_output) as t loop
    v_intercept := v_intercept + v_term.fixed;
    v_column := p_columns[(v_term.input ->> 'column')::integer + 1];
    if v_term.is_quick then
      v_quick_intercept := v_quick_intercept - v_shift * (v_term.weight / v_scale);
      v_quick := v_quick || format(
        'coalesce((%s%s%s) operator(pg_catalog.*) %s, %s)', v_column, v_plus, forge.number_literal(v_shift),
        forge.number_literal(v_term.weight / v_scale),
        forge.number_literal(v_term.missing / v_scale + v_shift * (v_term.weight / v_scale))
      );
    else
      v_quick := v_quick || forge.term_sql(v_term.input, v_column, v_term.weight / v_scale, v_term.missing / v_scale);
    end if;
    v_checked := v_checked || forge.term_sql(v_term.input, v_column, v_term.weight, v_term.missing);
  end loop;
  v_sum := array_to_string(forge.number_literal(v_intercept) || v_checked, v_plus);
  if v_least is null then
    return v_sum;
  end if;
  -- A sum as large as this, or NaN, shows that a number may be beyond float4 or infinite.
  return format(
    'coalesce(nullif(nullif(greatest(least(%1$s, %2$s), %3$s), %2$s), %3$s) operator(pg_catalog.*) %4$s, %5$s)',
    array_to_string(forge.number_literal(v_intercept / v_scale + v_quick_intercept) || v_quick, v_plus),
    forge.number_literal(1e30 * (v_least / v_scale)), forge.number_literal(-1e30 * (v_least / v_scale)),
    forge.number_literal(v_scale), v_sum
  );
end
$$;

comment on function forge.linear_sql(jsonb, integer, text[]) is
'The SQL expression of one raw output of a linear model in native form, from expressions of the matrix''s columns. It
raises no error whatever the numbers are. Checking each takes half as long again, so that is left for rows whose sum
shows that it may be needed.';
