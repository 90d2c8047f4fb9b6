create or replace function cortex.search(
  p_query text, p_embedding text, p_k integer, p_depth integer, p_exact boolean,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz
)
returns table (
  item_id bigint, text_id bigint, score double precision, lexical_rank integer, semantic_rank integer, kind text,
  source text, external_id text, occurred_at timestamptz, title text, body text, url text, repeats integer,
  candidates integer
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
set "hnsw.ef_search" = 100
as $$
declare
  -- Looking at m texts one by one costs about as much as an index scan that passes n texts to find its share of the m
  -- when m is in the order of the root of n.
  v_narrow constant integer := (
    select 1000 + 20 * sqrt(coalesce(sum(d.texts), 0)::double precision)
    from cortex.corpus_delta as d
    where d.owner_id = (select ops.current_owner())
  );
  -- Secret kinds are found when they are named. Only where there are such items does every candidate's kind count.
  v_kinds constant text[] := case
    when p_kinds is null and exists (
      select
      from unnest(lake.secret_kinds()) as s (kind)
      -- The order makes the planner take the index, also where it thinks that items of each kind are everywhere.
      cross join lateral (
        select true as is_there
        from lake.item as i
        where i.owner_id = (select ops.current_owner()) and i.kind = s.kind
        order by i.occurred_at
        limit 1
      ) as i
    )
      then array(select s.kind from lake.sensitivities() as s where s.sensitivity <> 'secret')
    else p_kinds
  end;
  v_phrased constant bigint[] := case when p_query like '%"%' then cortex.phrase_texts(p_query) end;
  v_only constant bigint[] := case
    when v_phrased is not null then array(
      select distinct c.text_id
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = any (v_phrased)
        and (v_kinds is null or c.kind = any (v_kinds))
        and (p_sources is null or c.source = any (p_sources))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
    )
    when p_kinds is not null or p_sources is not null or p_since is not null or p_until is not null
      then cortex.filtered_texts(v_kinds, p_sources, p_since, p_until, v_narrow)
  end;
  -- Each side counts half where there are both.
  v_weight constant double precision := 1.0 / greatest(1, num_nonnulls(p_query, p_embedding));
  v_many constant boolean := p_embedding is not null and coalesce(
    (select cortex.index_effort(g.id) > 100 from cortex.generation as g where g.state = 'active'), false
  );
  v_tail constant boolean := p_query is not null and exists (
    select from cortex.unindexed as u where u.owner_id = (select ops.current_owner())
  );
begin
  return query
  with tail as materialized (
    select t.item_id, t.score, t.body
    from cortex.tail_ranking(p_query, p_depth, v_kinds, p_sources, p_since, p_until) as t
    where v_tail
  ), worded as (
    select l.text_id, l.score
    from cortex.lexical_ranking(p_query, p_depth, v_only, v_kinds, p_sources, p_since, p_until) as l
    where p_query is not null
    union all
    -- What is not indexed yet has no text: here it goes by its item, below 0.
    select -t.item_id, t.score from tail as t
  ), lexical as (
    select l.text_id, l.score / nullif(max(l.score) over (), 0) as score,
      (row_number() over (order by l.score desc, l.text_id))::integer as place
    from worded as l
  ), semantic as (
    select s.text_id, greatest(s.similarity, 0) / greatest(max(s.similarity) over (), 1e-6) as score,
      (row_number() over (order by s.similarity desc, s.text_id))::integer as place
    from (
      select r.text_id, r.similarity
      from cortex.semantic_ranking(p_embedding, p_depth, p_exact, v_only, v_kinds, p_sources, p_since, p_until) as r
      where p_embedding is not null and not v_many
      union all
      select r.text_id, r.similarity
      from cortex.semantic_ranking_of_many(
        p_embedding, p_depth, p_exact, v_only, v_kinds, p_sources, p_since, p_until
      ) as r
      where p_embedding is not null and v_many
    ) as s
  ), fused as materialized (
    -- The mean of both scores, each divided by the best of its side: of what was measured, the best on judged
    -- collections (docs/adr). A text that one side did not rank has nothing from it.
    select coalesce(l.text_id, s.text_id) as text_id,
      v_weight * (coalesce(l.score, 0) + coalesce(s.score, 0)) as score,
      l.place as lexical_place, s.place as semantic_place
    from lexical as l
    full join semantic as s on s.text_id = l.text_id
    -- Of texts that stand equally high, one that has the words themselves comes first.
    order by 2 desc, 3 nulls last, 1
  ), newest as materialized (
    select f.text_id, f.score, f.lexical_place, f.semantic_place, c.item_id
    from fused as f
    cross join lateral (
      (
        select c.item_id
        from cortex.chunk as c
        where c.owner_id = (select ops.current_owner()) and c.text_id = f.text_id
          and (v_kinds is null or c.kind = any (v_kinds))
          and (p_sources is null or c.source = any (p_sources))
          and (p_since is null or c.occurred_at >= p_since)
          and (p_until is null or c.occurred_at < p_until)
        order by c.occurred_at desc nulls last, c.item_id desc
        limit 1
      )
      union all
      select -f.text_id where f.text_id < 0
    ) as c
  ), best as materialized (
    -- A long item is named once, by its best chunk.
    select distinct on (n.item_id) n.*
    from newest as n
    order by n.item_id, n.score desc, n.lexical_place nulls last, n.text_id
  ), chosen as materialized (
    select b.*
    from best as b
    order by b.score desc, b.lexical_place nulls last, b.text_id
    limit p_k
  )
  select i.id, h.text_id, h.score, h.lexical_place, h.semantic_place, i.kind, i.source,
    i.external_id, i.occurred_at, i.title, coalesce(t.body, e.body), i.url,
    (
      select greatest(count(*), 1)::integer
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = h.text_id
        and (v_kinds is null or c.kind = any (v_kinds))
        and (p_sources is null or c.source = any (p_sources))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
    ),
    (select count(*)::integer from fused)
  from chosen as h
  join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = h.item_id
  left join cortex.text as t on t.owner_id = (select ops.current_owner()) and t.id = h.text_id
  left join tail as e on e.item_id = -h.text_id
  where t.id is not null or e.item_id is not null
  order by h.score desc, h.lexical_place nulls last, h.text_id;
end
$$;

comment on function cortex.search(
  text, text, integer, integer, boolean, text[], text[], timestamptz, timestamptz
) is
'The search behind api.cortex_search: ranks p_depth texts by words (p_query, unless null) and by meaning (p_embedding,
unless null), fuses the scores, and names the newest item of each text that the filter leaves. Items of secret kinds are
left out unless p_kinds names their kind. Items that wait for the lexical index are looked through too; their text_id is
below 0. Where p_query has a phrase in quotation marks, only texts that hold it are ranked. candidates is how many texts
were ranked: as many as p_depth means that a deeper search may find more items.';
