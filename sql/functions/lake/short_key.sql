create or replace function lake.short_key(p_key text)
returns text
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case when length(p_key) > 300 then left(p_key, 260) || ' ' || md5(p_key) else p_key end
$$;

comment on function lake.short_key(text) is
'A key as an index can hold it: one of more than 300 characters by its beginning and a hash of all of it.';
