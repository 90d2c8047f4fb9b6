create or replace function api.forge_rollback(model text)
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.served_version(model);
  v_before bigint := (
    select d.version_id
    from forge.deployment as d
    where d.owner_id = v_version.owner_id and d.model_id = v_version.model_id and d.version_id <> v_version.id
      and d.reason <> 'forge_rollback'
      and d.deployed_at < (
        select min(c.deployed_at)
        from forge.deployment as c
        where c.owner_id = v_version.owner_id and c.model_id = v_version.model_id and c.version_id = v_version.id
          and c.reason <> 'forge_rollback'
      )
    order by d.deployed_at desc
    limit 1
  );
begin
  if v_before is null then
    perform ops.fail(
      'DP020', format('no version of "%s" was deployed before version %s', model, v_version.version),
      'forge_deploy deploys any version of the view model_versions.'
    );
  end if;
  return forge.deploy_version(v_before, 'forge_rollback');
end
$$;

comment on function api.forge_rollback(text) is
'Goes back to the version that was deployed before the present one; returns its number. Called again it goes back
further. SQLSTATE DP020.';
