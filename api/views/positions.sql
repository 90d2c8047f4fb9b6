create or replace view api.positions
with (security_invoker = true)
as
select
  i.owner_id,
  i.occurred_at,
  l.at::date as local_date,
  i.latitude,
  i.longitude,
  i.accuracy_m,
  i.altitude_m,
  i.device,
  i.source,
  i.import_id,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday
from lake.position as i
cross join lateral (
  select
    i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    as at
) as l;

comment on view api.positions is
'Dense samples of where you were.';
comment on column api.positions.owner_id is 'Whose sample it is.';
comment on column api.positions.occurred_at is 'When.';
comment on column api.positions.local_date is 'Day of occurred_at in the zone of the setting datapunk.timezone.';
comment on column api.positions.latitude is 'Degrees north.';
comment on column api.positions.longitude is 'Degrees east.';
comment on column api.positions.accuracy_m is 'Radius in metres.';
comment on column api.positions.altitude_m is 'Metres above sea level.';
comment on column api.positions.device is 'Device that sampled it.';
comment on column api.positions.source is 'Where it comes from.';
comment on column api.positions.import_id is 'Run that added it.';
comment on column api.positions.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.positions.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
