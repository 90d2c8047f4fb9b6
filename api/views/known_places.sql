create or replace view api.known_places
with (security_invoker = true)
as
-- Grouped once and joined, as persons.
select
  p.id as known_place_id, p.name, coalesce(v.visits, 0) as visits, coalesce(v.duration_seconds, 0) as duration_seconds,
  p.latitude, p.longitude, v.first_at, v.last_at, p.place_id
from lake.place as p
left join (
  select
    n.owner_id, n.place_id, count(*) as visits,
    coalesce(sum(extract(epoch from t.ended_at - t.occurred_at)), 0)::double precision as duration_seconds,
    min(t.occurred_at) as first_at, max(t.occurred_at) as last_at
  from lake.place_item as n
  cross join lateral unnest(n.item_ids) as u (item_id)
  join lake.item as t on t.owner_id = n.owner_id and t.id = u.item_id
  group by n.owner_id, n.place_id
) as v on v.owner_id = p.owner_id and v.place_id = p.id;

comment on view api.known_places is
'Places where you stayed, each once; the view places has the visits, and place_items says which is where.';
comment on column api.known_places.known_place_id is 'Key, as in place_items.';
comment on column api.known_places.name is 'Name, else address, as the latest visit has it.';
comment on column api.known_places.visits is 'How often you were there.';
comment on column api.known_places.duration_seconds is 'How long you were there in all, of visits whose end is known.';
comment on column api.known_places.latitude is 'Degrees north.';
comment on column api.known_places.longitude is 'Degrees east.';
comment on column api.known_places.first_at is 'When the first visit began.';
comment on column api.known_places.last_at is 'When the last visit began.';
comment on column api.known_places.place_id is 'Identifier of the place in its source, as in places.';
