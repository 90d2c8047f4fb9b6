create or replace function cortex.search(
  p_query text, p_embedding text, p_k integer, p_depth integer, p_exact boolean,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
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
as $$
declare
  v_kinds constant text[] := cortex.searched_kinds(p_kinds);
  v_only constant bigint[] := cortex.only_texts(
    p_query, num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) > 0,
    v_kinds, p_sources, p_since, p_until, p_attributes
  );
  v_embedding text := nullif(p_embedding, '');
  v_weight double precision;
  v_word_texts bigint[];
  v_word_scores double precision[];
  -- What is not indexed yet: a text that is in the index too goes by that, another by its item, below 0.
  v_tail_texts bigint[];
  v_tail_items bigint[];
  v_tail_scores double precision[];
  v_tail_bodies text[];
  v_tail_times timestamptz[];
  v_tail_repeats integer[];
  v_texts bigint[];
  v_scores double precision[];
  v_lexical integer[];
  v_semantic integer[];
begin
  if p_query is not null and exists (
    select from cortex.unindexed as u where u.owner_id = (select ops.current_owner())
  ) then
    select array_agg(coalesce(t.text_id, -t.item_id)), array_agg(t.item_id), array_agg(t.score), array_agg(t.body),
      array_agg(t.occurred_at), array_agg(t.repeats)
    into v_tail_texts, v_tail_items, v_tail_scores, v_tail_bodies, v_tail_times, v_tail_repeats
    from cortex.tail_ranking(p_query, p_depth, v_kinds, p_sources, p_since, p_until, p_attributes) as t;
  end if;
  select array_agg(w.text_id), array_agg(w.score) into v_word_texts, v_word_scores
  from (
    select l.text_id, l.score
    from cortex.lexical_ranking(
      p_query, p_depth, v_only, v_kinds, p_sources, p_since, p_until, p_attributes
    ) as l
    where p_query is not null
    union all
    select t.text_id, t.score from unnest(v_tail_texts, v_tail_scores) as t (text_id, score)
  ) as w;
  if p_embedding = '' then
    v_embedding := cortex.asked_embedding(p_query);
  end if;
  -- Each side counts half where there are both.
  v_weight := 1.0 / greatest(1, num_nonnulls(p_query, v_embedding));
  with worded as (
    select w.text_id, max(w.score) as score
    from unnest(v_word_texts, v_word_scores) as w (text_id, score)
    group by w.text_id
  ), lexical as (
    select w.text_id, w.score / nullif(max(w.score) over (), 0) as score,
      (row_number() over (order by w.score desc, w.text_id))::integer as place
    from worded as w
  ), semantic as (
    select s.text_id, greatest(s.similarity, 0) / greatest(max(s.similarity) over (), 1e-6) as score,
      (row_number() over (order by s.similarity desc, s.text_id))::integer as place
    from cortex.semantic_ranking(
      v_embedding, p_depth, p_exact, v_only, v_kinds, p_sources, p_since, p_until, p_attributes
    ) as s
    where v_embedding is not null
  ), fused as (
    -- The mean of both scores, each divided by the best of its side: of what was measured, the best on judged
    -- collections (docs/adr). A text that one side did not rank has nothing from it.
    select coalesce(l.text_id, s.text_id) as text_id,
      v_weight * (coalesce(l.score, 0) + coalesce(s.score, 0)) as score,
      l.place as lexical_place, s.place as semantic_place
    from lexical as l
    full join semantic as s on s.text_id = l.text_id
    -- Of texts that stand equally high, one that has the words themselves comes first.
    order by 2 desc, 3 nulls last, 1
  )
  select array_agg(f.text_id), array_agg(f.score), array_agg(f.lexical_place), array_agg(f.semantic_place)
  into v_texts, v_scores, v_lexical, v_semantic
  from fused as f;
  return query
  select i.id, v_texts[h.place], v_scores[h.place], v_lexical[h.place], v_semantic[h.place], i.kind, i.source,
    i.external_id, i.occurred_at, i.title, coalesce(t.body, v_tail_bodies[e.number]), i.url,
    (
      select greatest(1, count(*) + coalesce(v_tail_repeats[e.number], 0))::integer
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = v_texts[h.place]
        and (v_kinds is null or c.kind = any (v_kinds))
        and (p_sources is null or c.source = any (p_sources))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
        and (p_attributes is null or (
          select true
          from lake.item as a
          where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
        ))
    ),
    cardinality(v_texts)
  from cortex.newest_items(
    v_texts, p_k, v_kinds, p_sources, p_since, p_until, p_attributes, v_tail_texts, v_tail_items, v_tail_times
  ) as h
  cross join lateral (select array_position(v_tail_texts, v_texts[h.place]) as number) as e
  join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = h.item_id
  left join cortex.text as t on t.owner_id = (select ops.current_owner()) and t.id = v_texts[h.place]
  where t.id is not null or e.number is not null
  order by h.place;
end
$$;

comment on function cortex.search(
  text, text, integer, integer, boolean, text[], text[], timestamptz, timestamptz, jsonb
) is
'The search behind api.cortex_search: ranks p_depth texts by words (p_query, unless null) and by meaning (p_embedding,
unless null; empty for what cortex.asked_embedding tells once the words are ranked), fuses the scores, and names the
newest item of each text that the filter leaves; p_attributes leaves items whose attributes contain it. Items of secret
kinds are left out unless p_kinds names their kind. Items that wait for the lexical index are looked through too; their text_id is
below 0 unless the index has their text. Where p_query has a phrase in quotation marks, only texts that hold it are ranked. candidates is how many texts
were ranked: as many as p_depth means that a deeper search may find more items.';
