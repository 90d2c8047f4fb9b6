create or replace view api.events
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
  i.ended_at,
  extract(epoch from i.ended_at - i.occurred_at)::double precision as duration_seconds,
  coalesce(i.attributes -> 'all_day' = 'true', false) as all_day,
  coalesce(i.attributes -> 'recurring' = 'true', false) as recurring,
  i.attributes ->> 'location' as location,
  case when jsonb_typeof(i.attributes -> 'attendees') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'attendees')) end as attendees,
  i.attributes ->> 'organizer' as organizer,
  i.attributes ->> 'calendar' as calendar,
  i.attributes ->> 'status' as status,
  i.body,
  i.url,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'event';

comment on view api.events is
'Events of calendars; each occurrence of a series is one.';
comment on column api.events.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.events.owner_id is 'Whose item it is.';
comment on column api.events.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.events.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.events.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.events.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.events.title is 'What it is called.';
comment on column api.events.ended_at is 'When it ended, where known.';
comment on column api.events.duration_seconds is 'Seconds from begin to end; null where the end is unknown.';
comment on column api.events.all_day is 'Whether it has dates instead of times.';
comment on column api.events.recurring is 'Whether it is one of a series.';
comment on column api.events.location is 'Where.';
comment on column api.events.attendees is 'Names of those invited, else their addresses.';
comment on column api.events.organizer is 'Who invited.';
comment on column api.events.calendar is 'Calendar that it is in.';
comment on column api.events.status is 'confirmed, tentative or cancelled.';
comment on column api.events.body is 'Description.';
comment on column api.events.url is 'Address of the call or page.';
comment on column api.events.source is 'Where it comes from.';
comment on column api.events.external_id is 'Its identifier in its source, where it has one.';
comment on column api.events.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.events.attributes is 'What else its source says.';
