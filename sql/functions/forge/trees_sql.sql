create or replace function forge.trees_sql(p_native jsonb, p_output integer, p_columns text[], p_inputs text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_numbers constant text[] := array(
    select coalesce('i' || array_position(p_inputs, e.expression), e.expression)
    from jsonb_array_elements(p_native -> 'inputs') with ordinality as i
    cross join lateral forge.tree_input_sql(i.value, p_columns) as e (expression)
    order by i.ordinality
  );
  v_sums text[];
begin
  v_sums := array(
    select s.term
    from jsonb_array_elements(p_native -> 'trees') with ordinality as t
    cross join lateral forge.tree_sql(t.value, p_output, p_native -> 'inputs', v_numbers) as s (term)
    where s.term <> forge.number_literal(0)
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

comment on function forge.trees_sql(jsonb, integer, text[], text[]) is
'The SQL expression of one raw output of trees in native form, from expressions of the matrix''s columns and names i1,
i2 ... of the numbers in p_inputs (forge.tree_inputs). Trees that add nothing to the output are left out.';
