create or replace view api.messages
with (security_invoker = true)
as
select
  i.id as item_id,
  i.owner_id,
  i.occurred_at,
  l.at::date as local_date,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  i.attributes ->> 'sender' as sender,
  i.attributes ->> 'sender_address' as sender_address,
  case when jsonb_typeof(i.attributes -> 'recipients') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'recipients')) end as recipients,
  coalesce(
    nullif(i.attributes ->> 'conversation', ''), nullif(i.attributes ->> 'conversation_id', ''),
    nullif(i.attributes ->> 'thread_id', '')
  ) as conversation,
  i.title,
  i.body,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes,
  i.ended_at,
  extract(epoch from i.ended_at - i.occurred_at)::double precision as duration_seconds
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'message';

comment on view api.messages is
'Chat messages.';
comment on column api.messages.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.messages.owner_id is 'Whose item it is.';
comment on column api.messages.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.messages.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.messages.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.messages.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.messages.sender is 'Name of who wrote it, else the address.';
comment on column api.messages.sender_address is 'Address or number of who wrote it.';
comment on column api.messages.recipients is 'Addresses of who got it.';
comment on column api.messages.conversation is 'Chat that it belongs to: its name, else its identifier.';
comment on column api.messages.title is 'Subject, where it has one.';
comment on column api.messages.body is 'Text.';
comment on column api.messages.source is 'Where it comes from.';
comment on column api.messages.external_id is 'Its identifier in its source, where it has one.';
comment on column api.messages.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.messages.attributes is 'What else its source says.';
comment on column api.messages.ended_at is 'When a call ended, where known.';
comment on column api.messages.duration_seconds is 'Seconds that a call took; null for what was written.';
