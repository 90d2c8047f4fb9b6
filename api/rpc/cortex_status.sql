create or replace function api.cortex_status()
returns table (
  generation bigint, model text, dimensions integer, texts bigint, embedded bigint, pending bigint, failed bigint,
  oldest_pending interval, recall_at_10 double precision, building bigint, building_model text,
  building_stage text, building_embedded bigint, building_pending bigint
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select g.id, g.model, g.dimensions,
    (select coalesce(sum(d.texts), 0)::bigint from cortex.corpus_delta as d where d.owner_id = o.id),
    (select count(*) from cortex.embedding as e where e.owner_id = o.id and e.generation_id = g.id),
    p.pending + u.items, p.failed + u.failed, greatest(p.oldest, u.oldest),
    (select r.recall_at_10 from cortex.recall as r where r.owner_id = o.id and r.generation_id = g.id),
    b.id, b.model, b.stage,
    (select count(*) from cortex.embedding as e where e.owner_id = o.id and e.generation_id = b.id and b.id is not null),
    (
      select count(*) from cortex.pending as w
      where w.owner_id = o.id and w.generation_id = b.id and not w.failed and b.id is not null
    )
  from (select ops.current_owner()) as o (id)
  left join cortex.generation as g on g.state = 'active'
  left join lateral (
    select n.id, n.model, n.stage from cortex.generation as n where n.state = 'building' order by n.id limit 1
  ) as b on true
  left join lateral (
    select count(*) filter (where not p.failed) as pending, count(*) filter (where p.failed) as failed,
      clock_timestamp() - min(p.created_at) filter (where not p.failed) as oldest
    from cortex.pending as p
    where p.owner_id = o.id and p.generation_id = g.id
  ) as p on true
  cross join lateral (
    select coalesce(sum(u.items) filter (where u.error is null), 0) as items,
      count(*) filter (where u.error is not null) as failed,
      clock_timestamp() - min(u.created_at) filter (where u.error is null) as oldest
    from cortex.unindexed as u
    where u.owner_id = o.id
  ) as u;
$$;

comment on function api.cortex_status() is
'How far the embeddings of the current owner''s texts are: one row.
texts are distinct texts; pending are those that wait for their embedding and items that wait for the lexical index;
failed are those that were given up (cortex.pending has the reasons, cortex_requeue tries them again). recall_at_10 is
what the vector index found of the exact first ten, over your own latest questions; a worker measures it after new texts,
once an hour at most, and it is null until then. The columns building* tell of a generation that is being built by
cortex_switch; the view generations tells more.';
