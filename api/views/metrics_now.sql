create or replace view api.metrics_now with (security_invoker = true) as
select 'datapunk_items' as name, jsonb_build_object('kind', i.kind) as labels, count(*)::double precision as value
from lake.item as i
group by i.kind
union all
select 'datapunk_imports' as name, jsonb_build_object('status', i.status) as labels, count(*) as value
from lake.import as i
group by i.status
union all
select 'datapunk_rejects' as name, '{}' as labels, count(*) as value
from lake.reject
union all
select 'datapunk_pii' as name, jsonb_build_object('type', p.entity_type) as labels, count(*) as value
from lake.pii as p
group by p.entity_type
union all
select 'datapunk_pii_scans' as name, jsonb_build_object('state', s.state) as labels, count(*) as value
from lake.pii_scan as s
group by s.state
union all
select 'datapunk_texts' as name, '{}' as labels, count(*) as value
from cortex.text
union all
select
  'datapunk_texts_without_embedding' as name,
  jsonb_build_object('state', case when p.failed then 'failed' else 'pending' end) as labels,
  count(*) as value
from cortex.pending as p
group by p.failed
union all
select 'datapunk_answers' as name, jsonb_build_object('route', a.route) as labels, count(*) as value
from gaia.answer as a
group by a.route
union all
select 'datapunk_answer_latency_ms' as name, jsonb_build_object('quantile', q.quantile::text) as labels, q.value
from (
  select
    unnest(array[0.5, 0.95]) as quantile,
    unnest(percentile_cont(array[0.5, 0.95]) within group (order by a.latency_ms)) as value
  from gaia.answer as a
  where a.created_at > ops.now() - interval '1 day'
) as q
where q.value is not null
union all
select 'datapunk_jobs' as name, jsonb_build_object('status', j.status) as labels, count(*) as value
from forge.job as j
group by j.status
union all
select 'datapunk_model_versions' as name, jsonb_build_object('model', m.name) as labels, count(v.id) as value
from forge.model as m
left join forge.version as v on m.owner_id = v.owner_id and m.id = v.model_id
group by m.name
union all
select distinct f.name, f.labels, f.value
from api.drift as d
cross join lateral (
  values
  ('datapunk_model_psi', jsonb_build_object('model', d.model, 'version', d.version, 'feature', d.feature), d.psi),
  (
    'datapunk_model_missing', jsonb_build_object('model', d.model, 'version', d.version, 'feature', d.feature),
    case when d.predictions >= 100 then d.missing end
  ),
  ('datapunk_model_live_error', jsonb_build_object('model', d.model, 'version', d.version), d.live_error)
) as f (name, labels, value)
where f.value is not null
union all
select 'datapunk_alerts' as name, jsonb_build_object('kind', a.kind, 'action', a.action) as labels, count(*) as value
from forge.alert as a
group by a.kind, a.action
union all
select 'datapunk_queue_messages' as name, jsonb_build_object('queue', q.queue) as labels, q.length as value
from ops.queue_status() as q
union all
select
  'datapunk_queue_oldest_seconds' as name,
  jsonb_build_object('queue', q.queue) as labels,
  coalesce(q.oldest_s, 0) as value
from ops.queue_status() as q
union all
select 'datapunk_processes' as name, jsonb_build_object('kind', p.kind) as labels, p.alive as value
from ops.process_status() as p
union all
select h.name, h.labels, h.value
from ops.host_figures() as h;

comment on view api.metrics_now is
'Figures of this moment, named and labelled as Prometheus does: your items, answers, models and jobs, and everybody''s
queues, processes and model host. ops_metrics() is the same as text that Prometheus reads.';
comment on column api.metrics_now.name is 'Name of the figure, as Prometheus writes it.';
comment on column api.metrics_now.labels is 'What tells figures of one name apart, as in {"kind": "watch"}.';
comment on column api.metrics_now.value is 'The figure.';
