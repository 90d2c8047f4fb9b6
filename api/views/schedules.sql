create or replace view api.schedules
with (security_invoker = true)
as
select
  s.model, s.recipe, s.dataset, s.rows as after_rows, make_interval(secs => s.every_s) as every, s.last_at,
  s.last_at + make_interval(secs => s.every_s) as next_at, s.options,
  (s.options #>> '{retrain,drift}')::double precision as psi
from forge.schedule as s;

comment on view api.schedules is
'Models that are trained again by themselves, by the option retrain. after_rows: new rows of what it learns from (items
of the kinds that it learned from, or what its query gives more). psi: the population stability index of a feature above
which it is. forge_unschedule ends that.';
