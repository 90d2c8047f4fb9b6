create or replace view api.runs
with (security_invoker = true)
as
select
  r.job_id, j.model, r.attempt, r.worker, r.outcome, r.error, r.cpu_s, r.peak_memory_mb, r.started_at, r.finished_at
from forge.run as r
join forge.job as j on j.owner_id = r.owner_id and j.id = r.job_id;

comment on view api.runs is
'Attempts at jobs: outcome is succeeded, failed, cancelled or lost, null while one runs.';
