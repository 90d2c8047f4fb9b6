create or replace view api.movements
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
  i.attributes ->> 'mode' as mode,
  case when jsonb_typeof(i.attributes -> 'distance_m') = 'number'
    then (i.attributes ->> 'distance_m')::double precision end as distance_m,
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
where i.kind = 'movement';

comment on view api.movements is
'Ways between places.';
comment on column api.movements.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.movements.owner_id is 'Whose item it is.';
comment on column api.movements.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.movements.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.movements.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.movements.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.movements.title is 'What it was.';
comment on column api.movements.ended_at is 'When it ended, where known.';
comment on column api.movements.duration_seconds is 'Seconds from begin to end; null where the end is unknown.';
comment on column api.movements.mode is 'How, as in walking, cycling, train.';
comment on column api.movements.distance_m is 'Length in metres.';
comment on column api.movements.source is 'Where it comes from.';
comment on column api.movements.external_id is 'Its identifier in its source, where it has one.';
comment on column api.movements.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.movements.attributes is 'What else its source says.';
