create or replace function forge.check_guard(p_version_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_deployment forge.deployment;
  v_outcomes bigint;
  v_error double precision;
  v_drift record;
  v_before bigint;
  v_kind text;
  v_feature text := '';
  v_value double precision;
  v_bound double precision;
begin
  select * into v_deployment
  from forge.deployment as d
  where d.owner_id = ops.current_owner() and d.version_id = p_version_id and d.retired_at is null
  for update;
  if not found then
    return false;
  end if;
  if v_deployment.guard ? 'max_error' then
    select e.outcomes, e.error into v_outcomes, v_error from forge.live_error(p_version_id) as e;
    v_bound := (v_deployment.guard ->> 'max_error')::double precision;
    if v_outcomes >= coalesce((v_deployment.guard ->> 'min_outcomes')::bigint, 50) and v_error > v_bound then
      v_kind := 'error';
      v_value := v_error;
    end if;
  end if;
  for v_drift in
    select d.* from forge.drift(p_version_id) as d where d.predictions >= 100 order by d.psi desc nulls last
  loop
    if v_kind is null and v_drift.psi > (v_deployment.guard ->> 'max_psi')::double precision then
      v_kind := 'psi';
      v_feature := v_drift.feature;
      v_value := v_drift.psi;
      v_bound := (v_deployment.guard ->> 'max_psi')::double precision;
    elsif v_drift.psi > 0.25 then
      perform forge.raise_alert(p_version_id, 'psi', v_drift.feature, v_drift.psi, 0.25, 'none');
    end if;
    if v_drift.missing > v_drift.missing_in_training + 0.1 then
      perform forge.raise_alert(
        p_version_id, 'missing', v_drift.feature, v_drift.missing, v_drift.missing_in_training + 0.1, 'none'
      );
    end if;
  end loop;
  if v_kind is null then
    return false;
  end if;
  if v_deployment.shadow or v_deployment.traffic < 1 then
    update forge.deployment as d
    set retired_at = clock_timestamp()
    where d.owner_id = v_deployment.owner_id and d.id = v_deployment.id;
  else
    v_before := forge.version_before(p_version_id);
    if v_before is null then
      perform forge.raise_alert(p_version_id, v_kind, v_feature, v_value, v_bound, 'none');
      return false;
    end if;
    perform forge.deploy_version(v_before, 'rolled back: ' || v_kind || ' beyond its bound');
  end if;
  perform forge.raise_alert(p_version_id, v_kind, v_feature, v_value, v_bound, 'rollback');
  return true;
end
$$;

comment on function forge.check_guard(bigint) is
'Looks at live error and drift of a deployed version, writes alerts, and rolls it back when it has passed a bound of its
guard: to the version before, or out of the traffic. Returns whether it did.';
