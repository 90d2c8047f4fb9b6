create or replace function api.cortex_status()
returns table (
  generation bigint, model text, dimensions integer, texts bigint, embedded bigint, pending bigint, failed bigint,
  oldest_pending interval, recall_at_10 double precision
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select g.id, g.model, g.dimensions,
    (select coalesce(sum(d.texts), 0)::bigint from cortex.corpus_delta as d where d.owner_id = o.id),
    (select count(*) from cortex.embedding as e where e.owner_id = o.id and e.generation_id = g.id),
    p.pending, p.failed, p.oldest, null::double precision
  from (select ops.current_owner()) as o (id)
  left join cortex.generation as g on g.state = 'active'
  left join lateral (
    select count(*) filter (where not p.failed) as pending, count(*) filter (where p.failed) as failed,
      clock_timestamp() - min(p.created_at) filter (where not p.failed) as oldest
    from cortex.pending as p
    where p.owner_id = o.id and p.generation_id = g.id
  ) as p on true;
$$;

comment on function api.cortex_status() is
'How far the embeddings of the current owner''s texts are: one row.
texts are distinct texts, pending those that wait, failed those that were given up (see the reasons in cortex.pending).
recall_at_10 is null until the index has been compared with the exact scan.';
