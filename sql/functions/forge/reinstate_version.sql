create or replace function forge.reinstate_version(p_model text, p_version integer)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_version_id bigint;
begin
  update forge.version as v
  set retired_at = null
  from forge.model as m
  where m.owner_id = v_owner and m.name = p_model and v.owner_id = v_owner and v.model_id = m.id
    and v.version = p_version and v.retired_at is not null
  returning v.id into v_version_id;
  -- What something depends on was left, and fails.
  if exists (select from forge.compiled as c where c.owner_id = v_owner and c.version_id = v_version_id) then
    perform forge.compile_version(v_version_id);
  end if;
end
$$;

comment on function forge.reinstate_version(text, integer) is
'Lets a version answer again that a deletion has retired. No effect on others.';
