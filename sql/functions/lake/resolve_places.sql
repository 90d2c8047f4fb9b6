create or replace function lake.resolve_places(p_items bigint[])
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
with visit as materialized (
  select v.item_id, v.key collate "C" as key, v.place_id, v.name, v.latitude, v.longitude, v.seen_at
  from lake.visits(p_items) as v
), latest as (
  select distinct on (v.key) v.*
  from visit as v
  order by v.key, v.name is not null desc, v.latitude is not null desc, v.seen_at desc, v.name collate "C" desc,
    v.latitude desc, v.longitude desc
), written as (
  insert into lake.place as p (owner_id, key, place_id, name, latitude, longitude, seen_at)
  select (select ops.current_owner()), l.key, l.place_id, l.name, l.latitude, l.longitude, l.seen_at
  from latest as l
  on conflict on constraint place_key_uq do update
    set place_id = excluded.place_id,
      -- Whichever visit comes first, the one that tells most and is the latest gives name and coordinates.
      (name, latitude, longitude, seen_at) = (
        select b.name, b.latitude, b.longitude, b.seen_at
        from (
          values (p.name, p.latitude, p.longitude, p.seen_at),
            (excluded.name, excluded.latitude, excluded.longitude, excluded.seen_at)
        ) as b (name, latitude, longitude, seen_at)
        order by b.name is not null desc, b.latitude is not null desc, b.seen_at desc, b.name collate "C" desc,
          b.latitude desc, b.longitude desc
        limit 1
      )
  returning p.id, p.key
)
insert into lake.place_item (owner_id, place_id, first_item, item_ids)
select (select ops.current_owner()), w.id, min(v.item_id), array_agg(v.item_id order by v.item_id)
from visit as v
join written as w on w.key = v.key
group by w.id
$$;

comment on function lake.resolve_places(bigint[]) is
'Takes in the places of the visits among these items of the owner, none of which was taken in before.';
