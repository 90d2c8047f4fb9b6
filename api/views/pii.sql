create or replace view api.pii
with (security_invoker = true)
as
select
  p.item_id,
  p.owner_id,
  i.kind,
  i.source,
  i.occurred_at,
  p.field,
  p.start_offset,
  p.end_offset,
  p.entity_type,
  p.score,
  p.recogniser,
  substr(
    case p.field
      when 'title' then i.title
      when 'body' then i.body
      else coalesce(
        i.attributes ->> substr(p.field, 12),
        i.attributes
        -> substring(p.field from '^attributes\.(.*)\[[0-9]+\]$')
        ->> substring(p.field from '\[([0-9]+)\]$')::integer
      )
    end,
    p.start_offset + 1,
    p.end_offset - p.start_offset
  ) as value
from lake.pii as p
inner join lake.item as i on p.owner_id = i.owner_id and p.item_id = i.id;

comment on view api.pii is
'Personal data that was found in your items, where the setting datapunk.pii or lake_pii_scan had them looked through.';
comment on column api.pii.item_id is 'Item that holds it, as in items.';
comment on column api.pii.owner_id is 'Whose it is.';
comment on column api.pii.kind is 'Kind of the item.';
comment on column api.pii.source is 'Where the item is from.';
comment on column api.pii.occurred_at is 'When the item happened.';
comment on column api.pii.field is 'Where in the item: title, body, or attributes. and a key.';
comment on column api.pii.start_offset is 'Where it begins in the field, in characters from 0.';
comment on column api.pii.end_offset is 'Where it ends, not included.';
comment on column api.pii.entity_type is 'What it is, as presidio calls it: EMAIL_ADDRESS, CREDIT_CARD ...';
comment on column api.pii.score is 'How sure that is, from 0 to 1.';
comment on column api.pii.recogniser is 'What found it.';
comment on column api.pii.value is 'The text itself.';
