create or replace function forge.packed_expression(p_feature jsonb, p_type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select string_agg(format('float8send(coalesce(%s, ''NaN''))', e.expression), ' || ' order by e.ordinality)
from unnest(forge.matrix_expressions(p_feature, format('q.%I', p_feature ->> 'name'), p_type))
  with ordinality as e (expression, ordinality);
$$;

comment on function forge.packed_expression(jsonb, text) is
'The SQL expression that packs one feature of a query q, of that type, as float8send does: one number a column of the
model''s matrix, missing as NaN. Null for a text or a vector.';
