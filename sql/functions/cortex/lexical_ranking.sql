create or replace function cortex.lexical_ranking(
  p_query text, p_limit integer, p_only bigint[],
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns table (text_id bigint, score double precision)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
set work_mem = '64MB'
as $$
declare
  v_filtered constant boolean := num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) > 0;
  v_removed constant boolean := exists (
    select from cortex.removal as r where r.owner_id = (select ops.current_owner())
  );
  v_terms text[];
  v_weights double precision[];
  v_texts double precision;
  v_length double precision;
  v_plan record;
  v_entries bigint;
  -- BM25's saturation: f / (f + v_flat + v_slope * length).
  v_flat constant double precision := 1.2 * 0.25;
  v_slope double precision;
begin
  select sum(d.texts), sum(d.tokens)::double precision / nullif(sum(d.texts), 0) into v_texts, v_length
  from cortex.corpus_delta as d
  where d.owner_id = (select ops.current_owner());
  v_slope := 1.2 * 0.75 / v_length;
  select array_agg(q.term), array_agg(q.weight) into v_terms, v_weights
  from (select t.term, max(t.weight) as weight from cortex.query_terms(p_query) as t group by t.term) as q;
  if v_terms is null then
    return;
  end if;
  -- Blocks in the order of the most that a text in them can score.
  with head as materialized (
    select p.ctid as place, p.term, p.texts, p.top_frequency, p.least_length
    from cortex.posting as p
    where p.owner_id = (select ops.current_owner()) and p.term = any (v_terms)
  ), weight as materialized (
    select q.term, q.weight * ln(1 + (v_texts - f.texts + 0.5) / (f.texts + 0.5)) as weight
    from (select h.term, sum(h.texts)::double precision as texts from head as h group by h.term) as f
    join unnest(v_terms, v_weights) as q (term, weight) on q.term = f.term
    where f.texts > 0
  ), number as materialized (
    select w.*, (row_number() over (order by w.weight desc, w.term))::integer as number from weight as w
  ), bound as (
    select h.place, n.number, h.texts,
      n.weight * h.top_frequency / (h.top_frequency + v_flat + v_slope * h.least_length) as bound
    from head as h
    join number as n on n.term = h.term
    where h.texts > 0
  )
  select
    array_agg(b.place order by b.bound desc, b.place) as places,
    array_agg(b.number order by b.bound desc, b.place) as numbers,
    array_agg(b.bound order by b.bound desc, b.place) as bounds,
    array_agg(b.texts order by b.bound desc, b.place) as texts,
    sum(b.texts) as entries,
    (select array_agg(n.term order by n.number) from number as n) as terms,
    (select array_agg(n.weight order by n.number) from number as n) as weights
  into v_plan
  from bound as b;
  v_entries := v_plan.entries;
  if v_entries is null then
    return;
  end if;
  v_terms := v_plan.terms;
  v_weights := v_plan.weights;
  if p_only is not null and cardinality(p_only) * 10 < v_entries then
    return query
    select s.text_id, s.score
    from cortex.text_scores(
      p_only, v_terms, v_weights, v_flat, v_slope, p_kinds, p_sources, p_since, p_until, p_attributes
    ) as s
    order by s.score desc, s.text_id
    limit p_limit;
    return;
  end if;
  if p_only is not null or v_entries <= 8000 then
    return query
    with block as materialized (
      select p.entries, v_weights[array_position(v_terms, p.term)] as weight
      from cortex.posting as p
      where p.ctid = any (v_plan.places)
    ), ranked as (
      select e.entry >> 24 as text_id,
        sum(b.weight * (e.entry & 255) / ((e.entry & 255) + v_flat + v_slope * ((e.entry >> 8) & 65535))) as score
      from block as b
      cross join lateral unnest(b.entries) as e (entry)
      where p_only is null or e.entry >> 24 in (select o.text_id from unnest(p_only) as o (text_id))
      group by e.entry >> 24
      order by 2 desc, 1
    )
    select r.text_id, r.score
    from ranked as r
    where (not v_removed or not exists (
        select from cortex.removal as g where g.owner_id = (select ops.current_owner()) and g.text_id = r.text_id
      ))
      and (not v_filtered or (
        select true
        from cortex.chunk as c
        where c.owner_id = (select ops.current_owner()) and c.text_id = r.text_id
          and (p_kinds is null or c.kind = any (p_kinds))
          and (p_sources is null or c.source = any (p_sources))
          and (p_since is null or c.occurred_at >= p_since)
          and (p_until is null or c.occurred_at < p_until)
          and (p_attributes is null or (
            select true
            from lake.item as a
            where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
          ))
        limit 1
      ))
    order by r.score desc, r.text_id
    limit p_limit;
    return;
  end if;
  return query
  select r.text_id, r.score
  from cortex.rank_blocks(
    v_plan.places, v_plan.numbers, v_plan.bounds, v_plan.texts, v_terms, v_weights, v_flat, v_slope,
    p_limit, p_kinds, p_sources, p_since, p_until, p_attributes, v_removed
  ) as r
  order by r.score desc, r.text_id;
end
$$;

comment on function cortex.lexical_ranking(text, integer, bigint[], text[], text[], timestamptz, timestamptz, jsonb) is
'Texts by BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, Lucene''s never negative IDF), best first. p_only, where it
is not null, are the texts that the filter leaves. Few postings are summed up here; many go to cortex.rank_blocks, which
reads no further than it must. PostgreSQL counts at most 255 occurrences
of a lexeme in a text, and those after its 16,383rd word at one position.';
