create or replace function lake.joined_identifiers(p_identifiers bigint[])
returns table (id bigint, component bigint)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
as $$
-- Tables are read by arrays of keys and joined by hashing: for an owner whom the statistics do not know yet, a nested loop
-- looks cheap and is quadratic.
declare
  v_owner constant text := ops.current_owner();
  v_aliases constant bigint[] := array(
    select a.id
    from lake.person_alias as a
    where a.owner_id = v_owner and a.identifier_id = any (p_identifiers) and a.card
  );
  v_left bigint[];
  v_right bigint[];
begin
  with standing as materialized (
    select i.id, c.group_id, coalesce(c.apart, false) as apart
    from lake.person_identifier as i
    left join lake.person_correction as c
      on c.owner_id = i.owner_id and c.type = i.type and c.value_norm = i.value_norm
    where i.owner_id = v_owner and i.id = any (p_identifiers)
  ), edge as (
    select min(s.id) over (partition by c.item_id) as l, s.id as r
    from standing as s
    join lake.person_alias as a on a.identifier_id = s.id
    join lake.person_item as p on p.alias_id = a.id
    cross join lateral unnest(p.item_ids) as c (item_id)
    where not s.apart and a.owner_id = v_owner and a.identifier_id = any (p_identifiers) and a.card
      and p.owner_id = v_owner and p.part = 'contact' and p.alias_id = any (v_aliases)
    union
    select min(s.id) over (partition by s.group_id), s.id
    from standing as s
    where s.group_id is not null
  )
  select array_agg(e.l), array_agg(e.r) into v_left, v_right from edge as e where e.l <> e.r;
  return query select c.node, c.component from lake.connected(p_identifiers, v_left, v_right) as c;
end
$$;

comment on function lake.joined_identifiers(bigint[]) is
'Which of these identifiers corrections and cards join: each with the least one of its component. Names come
after that.';
