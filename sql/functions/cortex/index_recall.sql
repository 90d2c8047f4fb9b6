create or replace function cortex.index_recall(p_generation_id bigint, p_embeddings text[])
returns double precision
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_recall double precision;
begin
  select avg(q.recall) into v_recall
  from (
    -- What the index does not return at all is missed too.
    select (
      select count(*) filter (where e.similarity >= w.least)::double precision / w.texts
      from cortex.nearest_texts(p_generation_id, u.embedding, 100, false) with ordinality
        as e (text_id, similarity, place)
      where e.place <= w.texts
    ) as recall
    from unnest(p_embeddings) as u (embedding)
    cross join lateral (
      -- By similarity and not by key, since equal texts may stand in for each other.
      select min(x.similarity) - 1e-9 as least, count(*) as texts
      from cortex.nearest_texts(p_generation_id, u.embedding, 10, true) as x
    ) as w
    where w.texts > 0
  ) as q;
  if v_recall is null then
    return null;
  end if;
  insert into cortex.recall as r (owner_id, generation_id, queries, recall_at_10, embedded)
  select ops.current_owner(), p_generation_id, cardinality(p_embeddings), v_recall, (
    select count(*)
    from cortex.embedding as e
    where e.owner_id = (select ops.current_owner()) and e.generation_id = p_generation_id
  )
  on conflict on constraint recall_pk do update
    set queries = excluded.queries, recall_at_10 = excluded.recall_at_10, embedded = excluded.embedded,
      measured_at = clock_timestamp();
  -- For ops_health: a figure that names nobody.
  update cortex.generation as g
  set report = g.report || jsonb_build_object('recall ' || left(md5(ops.current_owner()), 8), v_recall)
  where g.id = p_generation_id;
  return v_recall;
end
$$;

comment on function cortex.index_recall(bigint, text[]) is
'Compares the vector index with the exact scan for some embedded questions and keeps the result, for cortex_status;
returns the recall@10, null when nothing is embedded. For datapunk_worker only.';
