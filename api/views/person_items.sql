create or replace view api.person_items
with (security_invoker = true)
as
select distinct i.person_id, u.item_id, n.part
from lake.person_identifier as i
join lake.person_alias as a on a.owner_id = i.owner_id and a.identifier_id = i.id
join lake.person_item as n on n.owner_id = a.owner_id and n.alias_id = a.id
cross join lateral unnest(n.item_ids) as u (item_id)
where i.person_id is not null;

comment on view api.person_items is
'Who has a part in which item.';
comment on column api.person_items.person_id is 'Person, as in persons.';
comment on column api.person_items.item_id is 'Item, as in items.';
comment on column api.person_items.part is 'sender, recipient, attendee, or contact for a card of theirs.';
