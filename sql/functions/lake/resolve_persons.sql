create or replace function lake.resolve_persons(p_identifiers bigint[], p_names text[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
set work_mem = '64MB'
as $$
declare
  v_owner constant text := ops.current_owner();
  v_scope bigint[] := lake.resolution_scope(p_identifiers, p_names);
  v_cards constant bigint[] := array(
    select a.id
    from lake.person_alias as a
    where a.owner_id = v_owner and a.identifier_id = any (v_scope) and a.card
  );
  v_before bigint[];
  v_persons bigint[];
begin
  if cardinality(v_scope) = 0 then
    return;
  end if;
  with node as materialized (
    select n.id, n.component, i.type, i.person_id, c.group_id is not null as corrected,
      coalesce(c.apart, false) as apart
    from lake.joined_identifiers(v_scope) as n
    join lake.person_identifier as i on i.owner_id = v_owner and i.id = n.id and i.id = any (v_scope)
    left join lake.person_correction as c
      on c.owner_id = v_owner and c.type = i.type and c.value_norm = i.value_norm
  ), card as materialized (
    select a.identifier_id as id, min(p.first_item) as item_id
    from lake.person_alias as a
    join lake.person_item as p on p.owner_id = v_owner and p.alias_id = a.id
    where a.owner_id = v_owner and a.identifier_id = any (v_scope) and a.card and p.alias_id = any (v_cards)
    group by a.identifier_id
  ), nameable as materialized (
    select n.component
    from node as n
    left join card as c on c.id = n.id
    group by n.component
    having not bool_or(n.apart or n.type = 'self' or c.id is not null)
  ), name as materialized (
    select distinct n.component, a.name_norm, string_to_array(a.name_norm, ' ') as words
    from nameable as k
    join node as n on n.component = k.component
    join lake.person_alias as a
      on a.owner_id = v_owner and a.identifier_id = n.id and a.identifier_id = any (v_scope) and a.name_norm <> ''
  ), bearer as (
    -- Those with a card of that name: components here, persons where they are not looked at anew.
    select a.name_norm, n.component, case when n.id is null then i.person_id end as person_id, min(a.id) as alias_id
    from lake.person_alias as a
    join lake.person_identifier as i on i.owner_id = v_owner and i.id = a.identifier_id
    left join node as n on n.id = a.identifier_id
    where a.owner_id = v_owner and a.card and a.name_norm in (select m.name_norm from name as m)
      and not exists (
        select from lake.person_correction as c
        where c.owner_id = v_owner and c.type = i.type and c.value_norm = i.value_norm and c.apart
      )
    group by 1, 2, 3
  ), bearing as materialized (
    select b.name_norm, min(b.component) as component, min(b.person_id) as person_id, min(b.alias_id) as alias_id
    from bearer as b
    group by b.name_norm
    having count(*) = 1
  ), attached as materialized (
    select m.component, min(b.component) as target, min(b.person_id) as target_person, min(b.alias_id) as alias_id
    from name as m
    join bearing as b on b.name_norm = m.name_norm
    where not exists (
      select from name as o where o.component = m.component and not o.words <@ m.words
    )
    group by m.component
    having count(distinct (b.component, b.person_id)) = 1
  ), settled as materialized (
    select n.id, n.person_id,
      case when a.target_person is null then coalesce(a.target, n.component) end as component, a.target_person,
      case
        when n.corrected then 'correction'
        when c.id is not null then 'contact'
        when n.type = 'self' then 'self'
        when a.component is not null then 'name'
        else 'alone'
      end as rule,
      coalesce(
        c.item_id, (select min(p.first_item) from lake.person_item as p where p.owner_id = v_owner and p.alias_id = a.alias_id)
      ) as item_id
    from node as n
    left join card as c on c.id = n.id
    left join attached as a on a.component = n.component
  ), claim as (
    -- Where a person falls apart, the part with the eldest identifier stays that person.
    select distinct on (s.person_id) s.person_id, s.component
    from settled as s
    where s.person_id is not null and s.component is not null
    order by s.person_id, s.id
  ), kept as (
    select c.component, min(c.person_id) as person_id from claim as c group by c.component
  ), numbered as materialized (
    select s.component, coalesce(k.person_id, nextval('lake.person_seq')) as person_id
    from (select distinct component from settled where component is not null) as s
    left join kept as k on k.component = s.component
  ), made as (
    insert into lake.person (owner_id, id)
    select v_owner, n.person_id from numbered as n
    on conflict on constraint person_pk do nothing
  ), final as materialized (
    select s.id, coalesce(n.person_id, s.target_person) as person_id, s.rule, s.item_id
    from settled as s
    left join numbered as n on n.component = s.component
  ), written as (
    update lake.person_identifier as i
    set person_id = f.person_id, rule = f.rule, item_id = f.item_id
    from final as f
    where i.owner_id = v_owner and i.id = f.id and i.id = any (v_scope)
      and (i.person_id, i.rule, i.item_id) is distinct from (f.person_id, f.rule, f.item_id)
  )
  select array_agg(distinct f.person_id), (select array_agg(distinct s.person_id) from settled as s)
  into v_persons, v_before
  from final as f;
  perform lake.name_persons(v_persons);
  delete from lake.person as p
  where p.owner_id = v_owner and p.id = any (v_before || v_persons) and not exists (
    select from lake.person_identifier as i where i.owner_id = v_owner and i.person_id = p.id
  );
end
$$;

comment on function lake.resolve_persons(bigint[], text[]) is
'Decides anew whose these identifiers are, and those of everybody whom that can change; p_names are names of cards that
are gone. In this order: what the owner said; cards that share an address or number; a name that one card alone bears,
for whoever is on no card and has no name with other words. The order in which items came makes no difference (ADR 14).';
