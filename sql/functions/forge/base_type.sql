create or replace function forge.base_type(p_type oid)
returns oid
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with recursive type as (
  select t.oid, t.typbasetype from pg_type as t where t.oid = p_type
  union all
  select b.oid, b.typbasetype from type as d inner join pg_type as b on b.oid = d.typbasetype
)
select coalesce((select t.oid from type as t where t.typbasetype = 0), p_type);
$$;

comment on function forge.base_type(oid) is
'The type that a domain is over, through domains over domains; any other type is its own.';
