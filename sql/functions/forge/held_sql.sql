create or replace function forge.held_sql(p_number text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select format(
  'case when pg_catalog.abs(%1$s) operator(pg_catalog.<=) 3.4e38::pg_catalog.float8 then %1$s end', p_number
);
$$;

comment on function forge.held_sql(text) is
'The SQL expression of a number that float4 holds: NULL where it is NaN, infinite or beyond 3.4e38, as all ways of
predicting have it.';
