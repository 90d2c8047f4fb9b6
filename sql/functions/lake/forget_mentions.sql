create or replace function lake.forget_mentions(p_items bigint[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
as $$
declare
  v_owner constant text := ops.current_owner();
  v_aliases bigint[];
  v_identifiers bigint[];
  v_names text[];
  v_persons bigint[];
begin
  with hit as materialized (
    -- Compared with a constant, which is hashed; a join with all of p_items would be made for each row.
    select p.alias_id, p.part, p.first_item,
      array_agg(u.id order by u.id) filter (where u.id <> all (p_items)) as item_ids
    from lake.person_item as p
    cross join lateral unnest(p.item_ids) as u (id)
    where p.owner_id = v_owner and (cardinality(p_items) > 50 or p.item_ids && p_items)
    group by p.alias_id, p.part, p.first_item
    having bool_or(u.id = any (p_items))
  ), gone as (
    delete from lake.person_item as p using hit as h
    where p.owner_id = v_owner and p.alias_id = h.alias_id and p.part = h.part and p.first_item = h.first_item
      and h.item_ids is null
  ), shorter as (
    update lake.person_item as p
    set first_item = h.item_ids[1], item_ids = h.item_ids
    from hit as h
    where p.owner_id = v_owner and p.alias_id = h.alias_id and p.part = h.part and p.first_item = h.first_item
      and h.item_ids is not null
  )
  select array_agg(distinct h.alias_id) into v_aliases from hit as h;
  if v_aliases is null then
    return;
  end if;
  select array_agg(a.identifier_id), array_agg(a.name_norm) filter (where a.card) into v_identifiers, v_names
  from lake.person_alias as a
  where a.owner_id = v_owner and a.id = any (v_aliases) and (a.card or not exists (
    select from lake.person_item as p where p.owner_id = v_owner and p.alias_id = a.id
  ));
  if v_identifiers is null then
    return;
  end if;
  delete from lake.person_alias as a
  where a.owner_id = v_owner and a.id = any (v_aliases) and not exists (
    select from lake.person_item as p where p.owner_id = v_owner and p.alias_id = a.id
  );
  v_identifiers := lake.same_persons(v_identifiers);
  with gone as (
    delete from lake.person_identifier as i
    where i.owner_id = v_owner and i.id = any (v_identifiers) and not exists (
      select from lake.person_alias as a where a.owner_id = v_owner and a.identifier_id = i.id
    )
    returning i.person_id
  )
  select array_agg(distinct g.person_id) into v_persons from gone as g;
  perform lake.resolve_persons(v_identifiers, coalesce(v_names, '{}'));
  delete from lake.person as p
  where p.owner_id = v_owner and p.id = any (v_persons) and not exists (
    select from lake.person_identifier as i where i.owner_id = v_owner and i.person_id = p.id
  );
end
$$;

comment on function lake.forget_mentions(bigint[]) is
'Takes back what these items say of people: identifiers and persons that no other item knows go, and those who were
joined by them part.';
