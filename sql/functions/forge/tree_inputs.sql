create or replace function forge.tree_inputs(p_native jsonb, p_columns text[])
returns text[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select array(
  select distinct e.expression
  from forge.native_models(p_native) as m (model)
  cross join jsonb_array_elements(m.model -> 'inputs') as i
  cross join lateral forge.tree_input_sql(i.value, p_columns) as e (expression)
  where m.model ->> 'kind' = 'trees' and e.expression <> all (p_columns)
  order by 1
);
$$;

comment on function forge.tree_inputs(jsonb, text[]) is
'SQL expressions of the numbers that trees of a native form read and that are no columns of the matrix, each once.';
