create or replace view api.metrics_now with (security_invoker = true) as
select 'datapunk_items' as name, jsonb_build_object('kind', i.kind) as labels, count(*)::double precision as value
from lake.item as i
group by i.kind
union all
select 'datapunk_imports', jsonb_build_object('status', i.status), count(*)
from lake.import as i
group by i.status
union all
select 'datapunk_rejects', '{}', count(*)
from lake.reject
union all
select 'datapunk_texts', '{}', count(*)
from cortex.text
union all
select
  'datapunk_texts_without_embedding',
  jsonb_build_object('state', case when p.failed then 'failed' else 'pending' end),
  count(*)
from cortex.pending as p
group by p.failed
union all
select 'datapunk_answers', jsonb_build_object('route', a.route), count(*)
from gaia.answer as a
group by a.route
union all
select 'datapunk_answer_latency_ms', jsonb_build_object('quantile', q.at::text), q.latency
from (
  select
    unnest(array[0.5, 0.95]) as at,
    unnest(percentile_cont(array[0.5, 0.95]) within group (order by a.latency_ms)) as latency
  from gaia.answer as a
  where a.created_at > ops.now() - interval '1 day'
) as q
where q.latency is not null
union all
select 'datapunk_jobs', jsonb_build_object('status', j.status), count(*)
from forge.job as j
group by j.status
union all
select 'datapunk_model_versions', jsonb_build_object('model', m.name), count(v.id)
from forge.model as m
left join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
group by m.name
union all
select 'datapunk_queue_messages', jsonb_build_object('queue', q.queue), q.length
from ops.queue_status() as q
union all
select 'datapunk_queue_oldest_seconds', jsonb_build_object('queue', q.queue), coalesce(q.oldest_s, 0)
from ops.queue_status() as q
union all
select 'datapunk_processes', jsonb_build_object('kind', p.kind), p.alive
from ops.process_status() as p;

comment on view api.metrics_now is
'Figures of this moment, named and labelled as Prometheus does: your items, answers, models and jobs, and everybody''s
queues and processes.';
