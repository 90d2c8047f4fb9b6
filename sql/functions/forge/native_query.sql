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
begin
  for v_number in 1 .. cardinality(v_arguments) loop
    v_columns := v_columns
      || forge.matrix_expressions(v_features -> (v_number - 1), v_arguments[v_number], v_wanted[v_number]);
  end loop;
  return forge.scored_query(p_query, p_key, forge.native_sql(p_native, v_columns), p_signature);
end
$$;

comment on function forge.native_query(text, text, jsonb, jsonb, jsonb) is
'The statement that scores a query by the native form of a version: key, value, label, probability. Only numbers of the
form and quoted names get into it besides the query, which is the caller''s own and runs with the caller''s rights.';
