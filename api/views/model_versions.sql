create or replace view api.model_versions
with (security_invoker = true)
as
select
  m.name as model, v.version, v.recipe, v.primary_metric, t.value as primary_value, v.parameters, v.seed, v.signature,
  v.libraries, v.code_version, v.sha256, s.fingerprint as dataset_fingerprint, s.row_count as dataset_rows, v.job_id,
  v.stale_reason, v.created_at, v.retired_at
from forge.version as v
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
left join forge.dataset as s on s.owner_id = v.owner_id and s.id = v.dataset_id
left join forge.metric as t
  on t.owner_id = v.owner_id and t.version_id = v.id and t.name = v.primary_metric and t.scored = 'model';

comment on view api.model_versions is
'Versions of models, with what they were made of. stale_reason is set when data that they learned from was deleted,
retired_at when they answer no more for it.';
