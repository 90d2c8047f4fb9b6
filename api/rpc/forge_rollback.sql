create or replace function api.forge_rollback(model text)
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.served_version(model);
  v_before bigint := forge.version_before(v_version.id);
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
