create or replace view api.place_items
with (security_invoker = true)
as
select n.place_id as known_place_id, u.item_id
from lake.place_item as n
cross join lateral unnest(n.item_ids) as u (item_id);

comment on view api.place_items is
'Which visit was where.';
comment on column api.place_items.known_place_id is 'Place, as in known_places.';
comment on column api.place_items.item_id is 'Visit, as in places.';
