create or replace view api.item_versions
with (security_invoker = true)
as
select
  v.item_id,
  v.owner_id,
  v.edited_at,
  v.title,
  v.body,
  v.url,
  v.attributes,
  v.replaced_at
from lake.item_version as v;

comment on view api.item_versions is
'Earlier states of items that were edited between two imports: notes, contacts, tasks.';
comment on column api.item_versions.item_id is 'Item whose earlier state it is, as in items.';
comment on column api.item_versions.owner_id is 'Whose it is.';
comment on column api.item_versions.edited_at is 'When that state was last edited.';
comment on column api.item_versions.title is 'Title then.';
comment on column api.item_versions.body is 'Text then.';
comment on column api.item_versions.url is 'Address then.';
comment on column api.item_versions.attributes is 'What else its source said then.';
comment on column api.item_versions.replaced_at is 'When a later edit was imported.';
