create or replace function forge.rounded_sql(p_number text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- Less than float4 holds is an error to it: what is added and taken away again makes that 0.
select format(
  '(%1$s operator(pg_catalog.+) %2$s operator(pg_catalog.-) %2$s)::pg_catalog.float4::pg_catalog.float8', p_number,
  forge.number_literal(2.0::double precision ^ -96)
);
$$;

comment on function forge.rounded_sql(text) is
'The SQL expression of a number of at most 3.4e38 as float4 has it, which a graph reads; too small a one is 0.';
