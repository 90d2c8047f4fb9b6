create or replace view api.places
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
  i.attributes ->> 'address' as address,
  case when jsonb_typeof(i.attributes -> 'latitude') = 'number'
    then (i.attributes ->> 'latitude')::double precision end as latitude,
  case when jsonb_typeof(i.attributes -> 'longitude') = 'number'
    then (i.attributes ->> 'longitude')::double precision end as longitude,
  i.attributes ->> 'place_id' as place_id,
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
where i.kind = 'place_visit';

comment on view api.places is
'Places where you stayed.';
comment on column api.places.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.places.owner_id is 'Whose item it is.';
comment on column api.places.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.places.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.places.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.places.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.places.title is 'Name of the place.';
comment on column api.places.ended_at is 'When it ended, where known.';
comment on column api.places.duration_seconds is 'Seconds from begin to end; null where the end is unknown.';
comment on column api.places.address is 'Postal address.';
comment on column api.places.latitude is 'Degrees north.';
comment on column api.places.longitude is 'Degrees east.';
comment on column api.places.place_id is 'Identifier of the place in its source.';
comment on column api.places.source is 'Where it comes from.';
comment on column api.places.external_id is 'Its identifier in its source, where it has one.';
comment on column api.places.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.places.attributes is 'What else its source says.';
