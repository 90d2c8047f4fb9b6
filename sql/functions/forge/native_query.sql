create or replace function forge.native_query(
  p_query text, p_key text, p_native jsonb, p_signature jsonb, p_types jsonb
)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_features constant jsonb := p_signature -> 'features';
  v_wanted constant text[] := forge.argument_types(v_features);
  v_arguments constant text[] := forge.argument_expressions(v_features, p_types, v_wanted);
  v_columns text[] := array[]::text[];
  v_names text[];
  v_inputs text[];
  v_query text := p_query;
begin
  for v_number in 1 .. cardinality(v_arguments) loop
    v_columns := v_columns
      || forge.matrix_expressions(v_features -> (v_number - 1), v_arguments[v_number], v_wanted[v_number]);
  end loop;
  if not forge.has_trees(p_native) then
    return forge.scored_query(p_query, p_key, forge.native_sql(p_native, v_columns, null), p_signature);
  end if;
  -- OFFSET 0 keeps the planner from computing a number anew for each comparison.
  v_names := array(select 'c' || n from generate_series(1, cardinality(v_columns)) as n order by n);
  v_query := format(
    E'select n.key, %s from (select (q.%I)::text as key, %s from (\n%s\n) as q offset 0) as n offset 0',
    (select string_agg(format('%s as %s', forge.held_sql('n.' || c), c), ', ') from unnest(v_names) as c),
    p_key, (select string_agg(format('%s as %s', e, c), ', ') from unnest(v_columns, v_names) as n (e, c)), p_query
  );
  v_inputs := forge.tree_inputs(p_native, v_names);
  if cardinality(v_inputs) > 0 then
    v_query := format(
      E'select c.*, %s from (%s) as c offset 0',
      (select string_agg(format('%s as i%s', i.expression, i.n), ', ' order by i.n)
       from unnest(v_inputs) with ordinality as i (expression, n)),
      v_query
    );
  end if;
  return forge.scored_query(v_query, 'key', forge.native_sql(p_native, v_names, v_inputs), p_signature);
end
$$;

comment on function forge.native_query(text, text, jsonb, jsonb, jsonb) is
'The statement that scores a query by the native form of a version: key, value, label, probability. Only numbers of the
form and quoted names get into it besides the query, which is the caller''s own and runs with the caller''s rights.';
