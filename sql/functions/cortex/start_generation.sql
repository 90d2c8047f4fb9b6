create or replace function cortex.start_generation(
  p_model text, p_activation text, p_keep interval, p_rebuild boolean
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_building cortex.generation;
  v_found bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('cortex.switch', 0));
  select * into v_building from cortex.generation as g where g.state = 'building' order by g.id limit 1;
  if v_building.id is not null and v_building.model <> p_model then
    perform ops.fail(
      '23505', format('generation %s is being built by %s', v_building.id, v_building.model),
      format('Wait for it, or drop it: select cortex_generation_drop(%s).', v_building.id)
    );
  end if;
  if v_building.id is not null and v_building.ready_at is not null then
    perform cortex.activate_generation(v_building.id);
    perform cortex.enqueue_maintenance('sweep');
    return v_building.id;
  end if;
  if not exists (select from cortex.provider as p where p.name = p_model)
    and not exists (select from forge.model as m where m.owner_id = 'system' and m.name = p_model)
    and exists (select from cortex.holder as h where h.name <> ops.current_owner())
  then
    perform ops.fail(
      '42501', format('the model %s is yours alone, and others have texts here too', p_model),
      'Add it as a provider: cortex_provider_add.'
    );
  end if;
  v_found := v_building.id;
  if v_found is null and not p_rebuild then
    select g.id into v_found from cortex.generation as g where g.state = 'active' and g.model = p_model;
    if v_found is not null then
      return v_found;
    end if;
    -- One that was left is caught up rather than built anew.
    select g.id into v_found
    from cortex.generation as g
    where g.state = 'retired' and g.model = p_model
    order by g.retired_at desc
    limit 1;
  end if;
  if v_found is null then
    insert into cortex.generation (model, stage) values (p_model, 'prepare') returning id into v_found;
  end if;
  update cortex.generation as g
  set state = 'building', activation = p_activation, keep = p_keep, stage = 'prepare', failures = 0, error = null,
    ready_at = null, retired_at = null
  where g.id = v_found;
  perform cortex.enqueue_maintenance('build', v_found::text);
  return v_found;
end
$$;

comment on function cortex.start_generation(text, text, interval, boolean) is
'The part of api.cortex_switch that writes: activates a generation of the model that is ready, else has one built.
SQLSTATE 23505 while one of another model is being built, 42501 for a model that not all owners may read.';
