create or replace view api.generations
with (security_invoker = true)
as
select
  g.id as generation, g.model, g.dimensions,
  case when g.state = 'building' and g.ready_at is not null then 'ready' else g.state end as state, g.stage,
  (
    select count(*) from cortex.embedding as e
    where e.owner_id = (select ops.current_owner()) and e.generation_id = g.id
  ) as embedded,
  p.pending, p.failed, coalesce(i.phase, case when i.valid then 'in use' else 'none' end) as index_phase,
  i.progress as index_progress,
  (g.report ->> 'overlap_at_10')::double precision as overlap_at_10,
  (g.report ->> 'ndcg_before')::double precision as ndcg_before,
  (g.report ->> 'ndcg_after')::double precision as ndcg_after,
  (g.report ->> 'queries')::integer as queries, (g.report ->> 'judged')::integer as judged,
  g.activation as activate, g.error, g.created_at, g.ready_at, g.activated_at, g.retired_at,
  case when g.state = 'retired' then g.retired_at + g.keep end as dropped_after
from cortex.generation as g
left join lateral (
  select count(*) filter (where not p.failed) as pending, count(*) filter (where p.failed) as failed
  from cortex.pending as p
  where p.owner_id = (select ops.current_owner()) and p.generation_id = g.id
) as p on true
left join (
  select x.generation_id, bool_or(x.valid) as valid, max(x.phase) as phase, max(x.progress) as progress
  from cortex.index_progress() as x
  group by x.generation_id
) as i on i.generation_id = g.id;

comment on view api.generations is
'Vectors by embedding models: the generation that searches read, those that are kept, the one that is being built, and
how far your texts are in each. overlap_at_10 is the share of the first ten results that stays with it, over queries of all
owners; ndcg_before and ndcg_after are nDCG@10 by meaning alone over the judged queries that are kept.';
comment on column api.generations.state is 'building, ready (cortex_switch activates it), active or retired.';
comment on column api.generations.stage is 'What is being done: prepare, embed, index, compare, ready, done.';
comment on column api.generations.index_phase is 'in use, none, or what the build of the index is doing.';
comment on column api.generations.index_progress is 'Share of the vector index that is built, 0 to 1.';
comment on column api.generations.dropped_after is 'Until when it is kept for cortex_rollback.';
