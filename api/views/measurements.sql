create or replace view api.measurements
with (security_invoker = true)
as
select
  i.owner_id,
  i.metric,
  i.starts_at,
  i.ends_at,
  (i.starts_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC')))::date
    as local_date,
  i.value,
  i.unit,
  i.source,
  i.import_id
from lake.measurement as i;

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
