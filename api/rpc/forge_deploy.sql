create or replace function api.forge_deploy(model text, version integer, options jsonb default '{}')
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version;
  v_options jsonb := forge.checked_options(
    options, '{"traffic": "number", "shadow": "boolean", "log": "number", "max_error": "number", "max_psi": "number",
    "min_outcomes": "integer", "retired": "boolean"}'
  );
  v_traffic real := coalesce((v_options ->> 'traffic')::real, 1);
  v_shadow boolean := coalesce((v_options ->> 'shadow')::boolean, false);
begin
  if version is null then
    raise exception 'version is null' using errcode = '22023', hint = 'The view model_versions lists the numbers.';
  end if;
  if coalesce((v_options -> 'retired')::boolean, false) then
    perform forge.reinstate_version(model, version);
  end if;
  v_version := forge.version_of(model, version);
  if v_traffic not between 0.001 and 1 or coalesce((v_options ->> 'log')::real, 0) not between 0 and 1 then
    raise exception 'traffic or log is no share' using errcode = '22023', hint = 'Give 0.001 to 1, as in {"traffic": 0.1}.';
  end if;
  if least((v_options ->> 'max_error')::numeric, (v_options ->> 'max_psi')::numeric) < 0 then
    raise exception 'max_error or max_psi is below zero'
      using errcode = '22023', hint = 'An error of 0.2 is a fifth of the labels; an index of 0.25 is a shift.';
  end if;
  if v_shadow and v_traffic < 1 then
    raise exception 'a shadow gets no traffic' using errcode = '22023', hint = 'Give traffic or shadow, not both.';
  end if;
  if v_shadow or v_traffic < 1 then
    if v_version.signature -> 'output' is null then
      raise exception 'a % answers as a whole', v_version.recipe
        using errcode = '22023', hint = 'Shares and shadows are for models that forge_predict asks.';
    end if;
    -- There must be one that answers the rest, and another one.
    if (forge.served_version(model)).id = v_version.id then
      raise exception 'version % answers already', version
        using errcode = '22023', hint = 'Deploy another version beside it.';
    end if;
  end if;
  return forge.deploy_version(
    v_version.id, 'forge_deploy', v_traffic, v_shadow, v_options - array['traffic', 'shadow', 'retired']
  );
end
$$;

comment on function api.forge_deploy(text, integer, jsonb) is
'Lets a version answer for its model from now on; returns its number. Options: traffic (share of the keys that it
answers for, beside the present version), shadow (it predicts unseen, beside the present version), log (share of the
predictions that are kept), and bounds beyond which it is rolled back: max_error (share of wrong labels or mean absolute
error, over min_outcomes outcomes, 50 unless given) and max_psi (population stability index of a feature). retired: the
version answers again although a deletion of what it learned from has retired it. SQLSTATE 22023, DP020.';
