create or replace view api.jobs
with (security_invoker = true)
as
select
  j.id as job_id, j.model, j.recipe, j.dataset, j.status, j.stage, j.progress, j.metric, j.attempts, j.max_attempts,
  j.version, j.error_sqlstate, j.error, j.hint, j.worker, j.cancel_requested, j.created_at, j.started_at,
  j.finished_at, j.retry_at, j.options, j.priority, j.trigger, j.log
from forge.job as j;

comment on view api.jobs is
'Trainings that were asked for and how far they are; status is queued, running, succeeded, failed or cancelled.';
