create or replace function forge.compiled_query(
  p_query text, p_key text, p_function text, p_signature jsonb, p_types jsonb, p_arguments text[]
)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select forge.scored_query(
  p_query, p_key,
  format(
    'model_sql.%I(%s)', p_function,
    array_to_string(forge.argument_expressions(p_signature -> 'features', p_types, p_arguments), ', ')
  ),
  p_signature
);
$$;

comment on function forge.compiled_query(text, text, text, jsonb, jsonb, text[]) is
'The statement that scores a query by a compiled function: key, value, label, probability. The query is the caller''s
own, and runs with the caller''s rights.';
