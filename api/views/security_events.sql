create or replace view api.security_events
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
  i.attributes ->> 'service' as service,
  i.attributes ->> 'ip' as ip,
  i.attributes ->> 'city' as city,
  i.attributes ->> 'country' as country,
  i.attributes ->> 'user_agent' as user_agent,
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
where i.kind = 'security_event';

comment on view api.security_events is
'Sign-ins and accesses to your accounts.';
comment on column api.security_events.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.security_events.owner_id is 'Whose item it is.';
comment on column api.security_events.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.security_events.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.security_events.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.security_events.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.security_events.title is 'What happened.';
comment on column api.security_events.service is 'Service that was reached.';
comment on column api.security_events.ip is 'Address that it came from.';
comment on column api.security_events.city is 'City of that address.';
comment on column api.security_events.country is 'Country of that address.';
comment on column api.security_events.user_agent is 'Program that it came from.';
comment on column api.security_events.source is 'Where it comes from.';
comment on column api.security_events.external_id is 'Its identifier in its source, where it has one.';
comment on column api.security_events.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.security_events.attributes is 'What else its source says.';
