create or replace view api.positions
with (security_invoker = true)
as
select
  i.owner_id,
  i.occurred_at,
  (i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC')))::date
    as local_date,
  i.latitude,
  i.longitude,
  i.accuracy_m,
  i.altitude_m,
  i.device,
  i.source,
  i.import_id
from lake.position as i;

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
