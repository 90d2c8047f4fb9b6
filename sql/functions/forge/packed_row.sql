create or replace function forge.packed_row(p_expressions text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- A vector is an array of float4 without a header for each, and made faster than any other.
select format('public.vector_send(array[%s]::public.vector)', p_expressions) where p_expressions is not null;
$$;

comment on function forge.packed_row(text) is
'The SQL expression that packs numbers, given as expressions separated by commas, into one bytea as vector_send does:
four bytes of head, then a big-endian float4 each. Null for null.';
