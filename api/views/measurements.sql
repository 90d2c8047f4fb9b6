create or replace view api.measurements
with (security_invoker = true)
as
select
  i.owner_id,
  i.metric,
  i.starts_at,
  i.ends_at,
  l.at::date as local_date,
  i.value,
  i.unit,
  i.source,
  i.import_id,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  extract(epoch from i.ends_at - i.starts_at)::double precision as duration_seconds
from lake.measurement as i
cross join lateral (
  select
    i.starts_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    as at
) as l;

comment on view api.measurements is
'Figures of intervals: steps, weight, sleep.';
comment on column api.measurements.owner_id is 'Whose figure it is.';
comment on column api.measurements.metric is 'What is measured, as in steps or weight.';
comment on column api.measurements.starts_at is 'Start of the interval.';
comment on column api.measurements.ends_at is 'End of the interval.';
comment on column api.measurements.local_date is 'Day of starts_at in the zone of the setting datapunk.timezone.';
comment on column api.measurements.value is 'Value in `unit`.';
comment on column api.measurements.unit is 'Unit, as in kg; empty for a count.';
comment on column api.measurements.source is 'Where it comes from.';
comment on column api.measurements.import_id is 'Run that added it.';
comment on column api.measurements.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.measurements.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.measurements.duration_seconds is 'Length of the interval.';
