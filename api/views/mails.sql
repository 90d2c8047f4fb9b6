create or replace view api.mails
with (security_invoker = true)
as
select
  i.id as item_id,
  i.owner_id,
  i.occurred_at,
  l.at::date as local_date,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  i.title as subject,
  i.attributes ->> 'sender' as sender,
  i.attributes ->> 'sender_address' as sender_address,
  case when jsonb_typeof(i.attributes -> 'recipients') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'recipients')) end as recipients,
  case when jsonb_typeof(i.attributes -> 'labels') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'labels')) end as labels,
  lake.thread_of(i.attributes, i.external_id) as thread_id,
  i.body,
  case when jsonb_typeof(i.attributes -> 'attachments') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'attachments')) end as attachments,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes,
  nullif(split_part(i.attributes ->> 'sender_address', '@', 2), '') as sender_domain
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'mail';

comment on view api.mails is
'Mail, sent and received.';
comment on column api.mails.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.mails.owner_id is 'Whose item it is.';
comment on column api.mails.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.mails.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.mails.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.mails.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.mails.subject is 'Subject.';
comment on column api.mails.sender is 'Name of who wrote it, else the address.';
comment on column api.mails.sender_address is 'Address of who wrote it, in lower case.';
comment on column api.mails.recipients is 'Addresses in To, Cc and Bcc, in lower case.';
comment on column api.mails.labels is 'Labels, in the language of the account.';
comment on column api.mails.thread_id is
'Thread that it belongs to: its number in Gmail, else the Message-ID of the mail that began it.';
comment on column api.mails.body is 'Text as a person sees it.';
comment on column api.mails.attachments is 'Names of its attachments.';
comment on column api.mails.source is 'Where it comes from.';
comment on column api.mails.external_id is 'Its identifier in its source, where it has one.';
comment on column api.mails.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.mails.attributes is 'What else its source says.';
comment on column api.mails.sender_domain is 'What stands behind the @ of sender_address.';
