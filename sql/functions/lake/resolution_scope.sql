create or replace function lake.resolution_scope(p_identifiers bigint[], p_names text[])
returns bigint[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_first bigint[];
  v_names text[];
  v_named bigint[];
begin
  v_first := lake.same_persons(p_identifiers || array(
    select mate.id
    from lake.person_identifier as i
    join lake.person_correction as c
      on c.owner_id = i.owner_id and c.type = i.type and c.value_norm = i.value_norm
    join lake.person_correction as m on m.owner_id = c.owner_id and m.group_id = c.group_id
    join lake.person_identifier as mate
      on mate.owner_id = m.owner_id and mate.type = m.type and mate.value_norm = m.value_norm
    where i.owner_id = v_owner and i.id = any (p_identifiers)
  ));
  -- Whether a card alone bears its name may have changed, for all who are called so.
  v_names := p_names || array(
    select distinct c.name_norm
    from lake.person_alias as c
    where c.owner_id = v_owner and c.identifier_id = any (v_first) and c.card
  );
  v_named := array(
    select a.identifier_id
    from lake.person_alias as a
    where a.owner_id = v_owner and a.name_norm <> '' and a.name_norm = any (v_names)
  );
  return array(select unnest(v_first) union select unnest(lake.same_persons(v_named)));
end
$$;

comment on function lake.resolution_scope(bigint[], text[]) is
'The identifiers whose person can change when something new is known of p_identifiers, or when a card with one of
p_names is gone.';
