create or replace function lake.joined_identifiers(p_identifiers bigint[])
returns table (id bigint, component bigint)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
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
    join lake.person_alias as a on a.owner_id = v_owner and a.identifier_id = s.id and a.card
    join lake.person_item as p on p.owner_id = v_owner and p.alias_id = a.id
    cross join lateral unnest(p.item_ids) as c (item_id)
    where not s.apart
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
