create or replace function forge.number_literal(p_number double precision)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
select format('%L::pg_catalog.float8', coalesce(p_number, 'NaN')::text);
$$;

comment on function forge.number_literal(double precision) is
'A number as an SQL literal that means exactly this number; null as NaN.';
