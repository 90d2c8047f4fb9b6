create or replace function forge.trees_sql(p_native jsonb, p_output integer, p_columns text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_inputs constant text[] := array(
    select format('%s::pg_catalog.float4', forge.tree_input_sql(i.value, p_columns))
    from jsonb_array_elements(p_native -> 'inputs') with ordinality as i
    order by i.ordinality
  );
  v_sums text[];
begin
  v_sums := array(
    select forge.tree_sql(t.value, 0, p_output, v_inputs)
    from jsonb_array_elements(p_native -> 'trees') with ordinality as t
    order by t.ordinality
  );
  v_sums := v_sums || forge.number_literal((p_native -> 'intercepts' ->> p_output)::double precision);
  -- Sums in pairs of pairs: a chain of hundreds would be nested as deeply.
  while cardinality(v_sums) > 1 loop
    v_sums := array(
      select coalesce(
        '(' || v_sums[n] || ' operator(pg_catalog.+) ' || v_sums[n + 1] || ')', v_sums[n]
      )
      from generate_series(1, cardinality(v_sums), 2) as n
      order by n
    );
  end loop;
  return v_sums[1];
end
$$;

comment on function forge.trees_sql(jsonb, integer, text[]) is
'The SQL expression of one raw output of trees in native form, from expressions of the matrix''s columns.';
