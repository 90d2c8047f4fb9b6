create or replace view api.job_progress
with (security_invoker = true)
as
select p.job_id, j.model, p.attempt, p.at, p.progress, p.stage, p.figures, p.cpu_s, p.memory_mb
from forge.progress as p
join forge.job as j on j.owner_id = p.owner_id and j.id = p.job_id;

comment on view api.job_progress is
'The course of trainings: stage, figures such as a loss or score, processor seconds and memory over time.';
