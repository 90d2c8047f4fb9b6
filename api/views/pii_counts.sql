create or replace view api.pii_counts
with (security_invoker = true)
as
select
  p.owner_id,
  p.entity_type,
  i.kind,
  count(*) as count,
  count(distinct p.item_id) as items
from lake.pii as p
inner join lake.item as i on p.owner_id = i.owner_id and p.item_id = i.id
group by p.owner_id, p.entity_type, i.kind;

comment on view api.pii_counts is 'How much personal data of each type was found in your items of each kind.';
comment on column api.pii_counts.owner_id is 'Whose it is.';
comment on column api.pii_counts.entity_type is 'What it is, as presidio calls it.';
comment on column api.pii_counts.kind is 'Kind of the items.';
comment on column api.pii_counts.count is 'How often it was found.';
comment on column api.pii_counts.items is 'In how many items.';
