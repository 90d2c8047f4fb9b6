create or replace function forge.number_expression(p_value text, p_type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case p_type
  when 'double precision' then p_value
  when 'boolean' then p_value || '::pg_catalog.int4::pg_catalog.float8'
  when 'interval' then format('extract(epoch from %s)::pg_catalog.float8', p_value)
  -- Of a numeric too large or too small a number is an error, where float8 has infinity and 0.
  when 'numeric' then format(
    'case when pg_catalog.abs(%1$s) operator(pg_catalog.<=) 3.4e38 then pg_catalog.round(%1$s, 60)::pg_catalog.float8 end',
    p_value
  )
  when 'money' then p_value || '::pg_catalog.numeric::pg_catalog.float8'
  else p_value || '::pg_catalog.float8'
end;
$$;

comment on function forge.number_expression(text, text) is
'The SQL expression of the number that an expression of that SQL type is learned and served as; an interval is its
seconds, a numeric beyond 3.4e38 NULL.';
