create or replace function forge.deployed_since(p_version_id bigint)
returns timestamp with time zone
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select coalesce(max(d.deployed_at), '-infinity')
from forge.deployment as d
where d.owner_id = (select ops.current_owner()) and d.version_id = p_version_id;
$$;

comment on function forge.deployed_since(bigint) is
'When a version was deployed last: guards look at what it was asked since then. -infinity when it never was.';
