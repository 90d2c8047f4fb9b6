create or replace function forge.check_quota(p_model text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_policy forge.policy;
begin
  select * into v_policy from forge.policy as p where p.owner_id = v_owner;
  if not found then
    return;
  end if;
  if not exists (select from forge.model as m where m.owner_id = v_owner and m.name = p_model)
    and (select count(*) from forge.model as m where m.owner_id = v_owner) >= v_policy.max_models then
    perform ops.fail(
      '53400', format('there are %s models, as many as the policy allows', v_policy.max_models),
      'Drop one by forge_drop, or raise max_models by forge_policy.'
    );
  end if;
  if (
    select count(*) from forge.job as j where j.owner_id = v_owner and j.created_at > now() - interval '24 hours'
  ) >= v_policy.max_jobs_a_day then
    perform ops.fail(
      '53400', format('%s trainings were asked for in 24 hours, as many as the policy allows', v_policy.max_jobs_a_day),
      'Wait, or raise max_jobs_a_day by forge_policy.'
    );
  end if;
end
$$;

comment on function forge.check_quota(text) is
'Whether the owner may ask for another training of a model. SQLSTATE 53400 when a quota is used up.';
