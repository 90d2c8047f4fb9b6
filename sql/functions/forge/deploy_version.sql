create or replace function forge.deploy_version(
  p_version_id bigint,
  p_reason text,
  p_traffic real default 1,
  p_shadow boolean default false,
  p_guard jsonb default '{}'
)
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
  where v.owner_id = v_owner and v.id = p_version_id and v.retired_at is null;
  if not found then
    perform ops.fail('DP020', format('no version with key %s that may answer', p_version_id), 'The view model_versions lists your versions.');
  end if;
  -- Deployments of one model take turns.
  perform 1 from forge.model as m where m.owner_id = v_owner and m.id = v_version.model_id for update;
  -- A version beside the one that answers replaces others of its sort; the one that answers replaces them all.
  update forge.deployment as d
  set retired_at = clock_timestamp()
  where d.owner_id = v_owner and d.model_id = v_version.model_id and d.retired_at is null
    and (
      (p_traffic = 1 and not p_shadow) or d.version_id = p_version_id
      or (d.shadow = p_shadow and (d.shadow or d.traffic < 1))
    );
  insert into forge.deployment (model_id, version_id, traffic, shadow, guard, reason)
  values (v_version.model_id, p_version_id, p_traffic, p_shadow, p_guard, p_reason);
  return v_version.version;
end
$$;

comment on function forge.deploy_version(bigint, text, real, boolean, jsonb) is
'Lets a version answer for its model instead of the one before; or beside it, for a share of the keys or unseen.
Returns its number. SQLSTATE DP020, also for a retired version.';
