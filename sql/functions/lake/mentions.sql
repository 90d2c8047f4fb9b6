create or replace function lake.mentions(p_items bigint[])
returns table (item_id bigint, part text, hint text, address text, chat text, name text, card boolean)
language sql
stable
security invoker
rows 10000
set search_path = pg_catalog, pg_temp
as $$
with item as materialized (
  select i.id, i.kind, i.source, i.external_id, i.title, i.content_hash, i.attributes,
    i.kind in ('mail', 'message') as written
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id = any (p_items) and i.kind in ('contact', 'mail', 'message', 'event')
)
select i.id, 'sender', case when i.attributes @> '{"from_me": true}' then 'self' else '' end,
  coalesce(i.attributes ->> 'sender_address', ''), coalesce(i.source || ':' || (i.attributes ->> 'sender_id'), ''),
  coalesce(i.attributes ->> 'sender', ''), false
from item as i
where i.written
union all
select i.id, 'recipient', '', coalesce(r.address, ''), '', coalesce(r.name, ''), false
from item as i
cross join lateral rows from (
  jsonb_array_elements_text(
    case when jsonb_typeof(i.attributes -> 'recipients') = 'array' then i.attributes -> 'recipients' end
  ),
  jsonb_array_elements_text(
    case when jsonb_typeof(i.attributes -> 'recipient_names') = 'array' then i.attributes -> 'recipient_names' end
  )
) as r (address, name)
where i.written
union all
select i.id, 'attendee', '', coalesce(a.address, ''), '', coalesce(a.name, ''), false
from item as i
cross join lateral rows from (
  jsonb_array_elements_text(
    case when jsonb_typeof(i.attributes -> 'attendee_addresses') = 'array' then i.attributes -> 'attendee_addresses' end
  ),
  jsonb_array_elements_text(
    case when jsonb_typeof(i.attributes -> 'attendees') = 'array' then i.attributes -> 'attendees' end
  )
) as a (address, name)
where i.kind = 'event'
union all
-- A card of a chat's address book bears the identifier that the chat's messages have.
select i.id, 'contact', case when i.external_id ~ '^(user|person)/' then '' else 'contact' end, '',
  i.source || ':' || regexp_replace(coalesce(i.external_id, encode(i.content_hash, 'hex')), '^(user|person)/', ''),
  coalesce(i.title, ''), true
from item as i
where i.kind = 'contact'
union all
select i.id, 'contact', 'self', '', '', '', true
from item as i
where i.kind = 'contact' and i.attributes @> '{"type": "self"}'
union all
select i.id, 'contact', '', a.address, '', '', true
from item as i
cross join lateral (
  select jsonb_array_elements_text(i.attributes -> 'emails') where jsonb_typeof(i.attributes -> 'emails') = 'array'
  union all
  select jsonb_array_elements_text(i.attributes -> 'phones') where jsonb_typeof(i.attributes -> 'phones') = 'array'
) as a (address)
where i.kind = 'contact' and a.address is not null
$$;

comment on function lake.mentions(bigint[]) is
'Whom these items of the owner tell of, as their sources wrote it: senders and recipients of mails and
messages, attendees of events, and what the cards of address books hold. hint is self for the owner and contact for a
card; card is true for all that a card says.';
