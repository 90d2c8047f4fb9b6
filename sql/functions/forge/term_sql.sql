create or replace function forge.term_sql(
  p_input jsonb, p_column text, p_weight double precision, p_missing double precision
)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case
  when jsonb_typeof(p_input -> 'table') <> 'array' then format(
    'coalesce(%s operator(pg_catalog.*) %s, %s)', forge.rounded_sql(forge.held_sql(p_column)),
    forge.number_literal(p_weight), forge.number_literal(p_missing)
  )
  when forge.is_one_hot(p_input) then format(
    'case when %s operator(pg_catalog.=) %s then %s else %s end', p_column,
    forge.number_literal((p_input #>> '{table,0,0}')::double precision),
    forge.number_literal(p_weight * (p_input #>> '{table,0,1}')::double precision), forge.number_literal(p_missing)
  )
  else format(
    'case when %s is null then %s else %s operator(pg_catalog.*) %s end', p_column, forge.number_literal(p_missing),
    forge.table_sql(p_input, p_column), forge.number_literal(p_weight)
  )
end;
$$;

comment on function forge.term_sql(jsonb, text, double precision, double precision) is
'The SQL expression of a term of a linear model in native form: weight times the number as float4 has it, or what the
table has for its code; p_missing for a missing number and for one that float4 does not hold.';
