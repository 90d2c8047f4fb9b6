create or replace function forge.current_policy()
returns forge.policy
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_policy forge.policy;
begin
  select p.* into v_policy from forge.policy as p where p.owner_id = (select ops.current_owner());
  return v_policy;
end
$$;

comment on function forge.current_policy() is
'What the current owner lets be learned from (api.forge_policy); all null where nothing is bounded.';
