create or replace function forge.served_version(p_model text)
returns forge.version
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version;
  v_names text;
begin
  -- The owner's own model hides one of the same name that came with the installation.
  select v.* into v_version
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
    and d.traffic = 1 and not d.shadow
  join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
  where m.name = p_model and m.owner_id in ((select ops.current_owner()), 'system')
  order by m.owner_id = 'system'
  limit 1;
  if found then
    return v_version;
  end if;
  if exists (select from forge.model as m where m.name = p_model) then
    perform ops.fail(
      'DP020', format('no version of the model "%s" is deployed', p_model),
      'Choose one from the view model_versions and call forge_deploy.'
    );
  end if;
  select string_agg(m.name, ', ' order by m.name) into v_names
  from forge.model as m
  where m.owner_id = (select ops.current_owner());
  perform ops.fail(
    'DP020', format('no model "%s"', p_model),
    coalesce('Your models: ' || v_names || '.', 'You have no model yet; forge_train makes one.')
  );
  return null;
end
$$;

comment on function forge.served_version(text) is
'The version that answers for a model now. SQLSTATE DP020 when there is no such model, or none is deployed.';
