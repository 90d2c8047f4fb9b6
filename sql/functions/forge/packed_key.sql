create or replace function forge.packed_key(p_key text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- A float4 holds 24 bits of a whole number exactly.
select format(
  'coalesce((q.%1$I::int8 >> 42)::float8, 3.4028234663852886e38::float8), coalesce(((q.%1$I::int8 >> 21) & 2097151)::float8, 0), '
  'coalesce((q.%1$I::int8 & 2097151)::float8, 0)', p_key
);
$$;

comment on function forge.packed_key(text) is
'The SQL expressions, separated by commas, of a key that is a whole number, of a query q: its upper 22 bits, 21 in the
middle and the last 21, as numbers; the largest float4 first for null.';
