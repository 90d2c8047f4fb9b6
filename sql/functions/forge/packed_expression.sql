create or replace function forge.packed_expression(p_feature jsonb, p_type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select string_agg(
  format(
    case
      -- Whole numbers and codes can only be missing.
      when p_type in ('smallint', 'integer', 'bigint', 'boolean') or p_feature ->> 'kind' = 'category'
        then 'coalesce(%1$s, 3.4028234663852886e38::float8)'
      -- NULL is not up to that, and neither is NaN, which PostgreSQL takes for the largest number. One comparison of the
      -- size takes a seventh of the packing less than one at each end.
      else 'case when pg_catalog.abs(%1$s) <= 3.4e38::float8 then %1$s else 3.4028234663852886e38::float8 end'
    end, e.expression
  ),
  ', ' order by e.ordinality
)
from unnest(forge.matrix_expressions(p_feature, format('q.%I', p_feature ->> 'name'), p_type))
  with ordinality as e (expression, ordinality);
$$;

comment on function forge.packed_expression(jsonb, text) is
'The SQL expressions, separated by commas, of one feature of a query q, of that type: one number a column of the
model''s matrix; what is missing, or more than float4 holds, is the largest float4. Null for a text or a vector.';
