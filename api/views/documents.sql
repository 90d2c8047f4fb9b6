create or replace view api.documents
with (security_invoker = true)
as
select
  i.id as item_id,
  i.owner_id,
  i.occurred_at,
  l.at::date as local_date,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  i.title,
  i.body,
  i.url,
  i.attributes ->> 'mime_type' as mime_type,
  i.language,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes,
  (
    -- In several lists at once it is there while one of them has it.
    select case when bool_and(s.closed_at is not null) then max(s.closed_at) end
    from lake.listed as s
    where s.owner_id = i.owner_id and s.item_id = i.id
  ) as closed_at,
  -- As the view visits has it.
  nullif(lower(
    split_part(split_part(split_part(split_part(
      split_part(replace(i.url, '://www.', '://'), '://', 2), '/', 1
    ), ':', 1), '?', 1), '#', 1) collate "C"
  ), '') collate "default" as domain
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'document';

comment on view api.documents is
'Documents, bookmarks and saved pages.';
comment on column api.documents.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.documents.owner_id is 'Whose item it is.';
comment on column api.documents.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.documents.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.documents.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.documents.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.documents.title is 'Title.';
comment on column api.documents.body is 'Text.';
comment on column api.documents.url is 'Address.';
comment on column api.documents.mime_type is 'Type of the file.';
comment on column api.documents.language is 'Language, where known.';
comment on column api.documents.source is 'Where it comes from.';
comment on column api.documents.external_id is 'Its identifier in its source, where it has one.';
comment on column api.documents.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.documents.attributes is 'What else its source says.';
comment on column api.documents.closed_at is
'Since when it is gone from its source: the first whole list (as an address book) that lacks it, of a later export; null
while it is there.';
comment on column api.documents.domain is 'Host of the address, without www.';
