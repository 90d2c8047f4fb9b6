create or replace function forge.deploy_version(p_version_id bigint, p_reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner text := ops.current_owner();
  v_version forge.version;
begin
  select * into v_version
  from forge.version as v
  where v.owner_id = v_owner and v.id = p_version_id;
  if not found then
    perform ops.fail('DP020', format('no version with key %s', p_version_id), 'The view model_versions lists your versions.');
  end if;
  -- Deployments of one model take turns.
  perform 1 from forge.model as m where m.owner_id = v_owner and m.id = v_version.model_id for update;
  update forge.deployment as d
  set retired_at = clock_timestamp()
  where d.owner_id = v_owner and d.model_id = v_version.model_id and d.retired_at is null;
  insert into forge.deployment (model_id, version_id, reason)
  values (v_version.model_id, p_version_id, p_reason);
  return v_version.version;
end
$$;

comment on function forge.deploy_version(bigint, text) is
'Lets a version answer for its model instead of the one before; returns its number. SQLSTATE DP020.';
