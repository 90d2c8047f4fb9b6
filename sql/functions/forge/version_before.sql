create or replace function forge.version_before(p_version_id bigint)
returns bigint
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select d.version_id
from forge.version as v
join forge.deployment as d on d.owner_id = v.owner_id and d.model_id = v.model_id and d.version_id <> v.id
join forge.version as b on b.owner_id = d.owner_id and b.id = d.version_id and b.retired_at is null
where v.owner_id = (select ops.current_owner()) and v.id = p_version_id
  and d.traffic = 1 and not d.shadow and d.reason <> 'forge_rollback' and d.reason not like 'rolled back%'
  and d.deployed_at < (
    select min(c.deployed_at)
    from forge.deployment as c
    where c.owner_id = v.owner_id and c.model_id = v.model_id and c.version_id = v.id and c.traffic = 1 and not c.shadow
      and c.reason <> 'forge_rollback' and c.reason not like 'rolled back%'
  )
order by d.deployed_at desc
limit 1;
$$;

comment on function forge.version_before(bigint) is
'The version that answered for all before this one first did, but for retired ones; null when there was none.';
