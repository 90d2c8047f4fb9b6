create or replace function api.forge_deploy(model text, version integer, options jsonb default '{}')
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.version_of(model, version);
begin
  perform forge.checked_options(options, '{}');
  if version is null then
    raise exception 'version is null' using errcode = '22023', hint = 'The view model_versions lists the numbers.';
  end if;
  return forge.deploy_version(v_version.id, 'forge_deploy');
end
$$;

comment on function api.forge_deploy(text, integer, jsonb) is
'Lets a version answer for its model from now on; returns its number. SQLSTATE 22023, DP020.';
