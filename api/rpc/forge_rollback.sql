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
  v_guard jsonb := (
    select d.guard
    from forge.deployment as d
    where d.owner_id = v_version.owner_id and d.version_id = v_version.id and d.retired_at is null
  );
begin
  -- What was begun last stands beside the version that answers.
  if exists (
    select
    from forge.deployment as d
    where d.owner_id = v_version.owner_id and d.model_id = v_version.model_id and d.retired_at is null
      and (d.shadow or d.traffic < 1)
  ) then
    return forge.deploy_version(v_version.id, 'forge_rollback', 1, false, v_guard);
  end if;
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
'Ends what stands beside the version that answers (a share of the traffic, a shadow); else goes back to the version that
was deployed before it. Returns the number of the version that answers then. Called again it goes back further.
SQLSTATE DP020.';
