create or replace function cortex.lexical_ranking(
  p_query text, p_limit integer, p_only bigint[],
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz
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
  v_filtered constant boolean := p_kinds is not null or p_sources is not null or p_since is not null
    or p_until is not null;
  v_removed constant boolean := exists (
    select from cortex.removal as r where r.owner_id = (select ops.current_owner())
  );
  v_terms text[];
  v_weights double precision[];
  v_texts double precision;
  v_length double precision;
  v_plan record;
  v_blocks integer;
  v_read integer := 0;
  v_next integer;
  v_budget integer := 8000;
  -- BM25's saturation: f / (f + v_flat + v_slope * length).
  v_flat constant double precision := 1.2 * 0.25;
  v_slope double precision;
  v_batch_size integer := 2 * p_limit;
  -- What has been seen of texts: their score as far as it is known, and the terms that it comes from as bits.
  v_ids bigint[] := '{}';
  v_scores double precision[] := '{}';
  v_seen bigint[] := '{}';
  v_unread double precision[];
  v_unseen double precision;
  v_checked bigint[] := '{}';
  v_batch bigint[];
  v_left bigint := 0;
  v_best_ids bigint[] := '{}';
  v_best double precision[] := '{}';
  v_least double precision := 0;
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
    select h.place, n.number, h.texts, n.weight * h.top_frequency
      / (h.top_frequency + v_flat + v_slope * h.least_length) as bound
    from head as h
    join number as n on n.term = h.term
    where h.texts > 0
  ), ordered as (
    select b.*, sum(b.texts) over w as entries, row_number() over w as place_number
    from bound as b
    window w as (order by b.bound desc, b.place rows unbounded preceding)
  )
  select
    array_agg(o.place order by o.place_number) as places, array_agg(o.number order by o.place_number) as numbers,
    array_agg(o.bound order by o.place_number) as bounds, array_agg(o.entries order by o.place_number) as entries,
    (select array_agg(n.term order by n.number) from number as n) as terms,
    (select array_agg(n.weight order by n.number) from number as n) as weights
  into v_plan
  from ordered as o;
  if v_plan.places is null then
    return;
  end if;
  v_terms := v_plan.terms;
  v_weights := v_plan.weights;
  v_blocks := cardinality(v_plan.places);
  if p_only is not null and cardinality(p_only) * 10 < v_plan.entries[v_blocks] then
    return query
    select s.text_id, s.score
    from cortex.text_scores(p_only, v_terms, v_weights, v_flat, v_slope, p_kinds, p_sources, p_since, p_until) as s
    order by s.score desc, s.text_id
    limit p_limit;
    return;
  end if;
  if p_only is not null or v_plan.entries[v_blocks] <= 2 * v_budget then
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
        limit 1
      ))
    order by r.score desc, r.text_id
    limit p_limit;
    return;
  end if;
  loop
    if v_read < v_blocks and (v_unseen is null or v_unseen > v_least or v_left > 20 * p_limit) then
      v_next := greatest(v_read + 1, (
        select count(*)
        from unnest(v_plan.entries) as e (entries)
        where e.entries <= coalesce(v_plan.entries[v_read], 0) + v_budget
      ));
      v_budget := v_budget * 2;
      select array_agg(a.text_id), array_agg(a.score), array_agg(a.seen) into v_ids, v_scores, v_seen
      from (
        select x.text_id, sum(x.score) as score, bit_or(x.seen) as seen
        from (
          select o.text_id, o.score, o.seen from unnest(v_ids, v_scores, v_seen) as o (text_id, score, seen)
          union all
          select e.entry >> 24,
            b.weight * (e.entry & 255) / ((e.entry & 255) + v_flat + v_slope * ((e.entry >> 8) & 65535)), b.bit
          from (
            select p.entries, v_weights[n.number] as weight, 1::bigint << least(n.number - 1, 62) as bit
            from cortex.posting as p
            cross join lateral array_position(v_terms, p.term) as n (number)
            where p.ctid = any (v_plan.places[v_read + 1 : v_next])
            offset 0
          ) as b
          cross join lateral unnest(b.entries) as e (entry)
        ) as x
        group by x.text_id
      ) as a;
      v_read := v_next;
      v_unread := array(
        select coalesce(max(u.bound), 0)
        from generate_series(1, cardinality(v_terms)) as t (number)
        left join unnest(v_plan.numbers[v_read + 1 :], v_plan.bounds[v_read + 1 :]) as u (number, bound)
          on u.number = t.number
        group by t.number
        order by t.number
      );
      v_unseen := (select sum(u.bound) from unnest(v_unread) as u (bound));
    end if;
    -- Texts that may still be among the best; the others are forgotten.
    with rest as materialized (
      select m.seen, coalesce(sum(u.bound) filter (where u.number > 62 or (m.seen >> (u.number - 1)) & 1 = 0), 0) as most
      from (select distinct s.seen from unnest(v_seen) as s (seen)) as m
      cross join unnest(v_unread) with ordinality as n (bound, place)
      cross join lateral (select n.bound, n.place::integer as number) as u
      group by m.seen
    ), hopeful as materialized (
      select s.text_id, s.score, s.seen
      from unnest(v_ids, v_scores, v_seen) as s (text_id, score, seen)
      join rest as r on r.seen = s.seen
      where s.score + r.most > v_least + 1e-9
        and s.text_id not in (select c.text_id from unnest(v_checked) as c (text_id))
    )
    select array_agg(h.text_id), array_agg(h.score), array_agg(h.seen), count(*),
      array(select c.text_id from hopeful as c order by c.score desc, c.text_id limit v_batch_size)
    into v_ids, v_scores, v_seen, v_left, v_batch
    from hopeful as h;
    exit when v_left = 0 and (v_unseen <= v_least or v_read = v_blocks);
    select array_agg(b.text_id), array_agg(b.score) into v_best_ids, v_best
    from (
      select u.text_id, u.score
      from (
        select o.text_id, o.score from unnest(v_best_ids, v_best) as o (text_id, score)
        union all
        select s.text_id, s.score
        from cortex.text_scores(
          v_batch, v_terms, v_weights, v_flat, v_slope, p_kinds, p_sources, p_since, p_until
        ) as s
      ) as u
      order by u.score desc, u.text_id
      limit p_limit
    ) as b;
    v_checked := v_checked || v_batch;
    v_batch_size := v_batch_size * 2;
    if cardinality(v_best) = p_limit then
      v_least := v_best[p_limit];
    end if;
  end loop;
  return query
  select b.text_id, b.score from unnest(v_best_ids, v_best) as b (text_id, score) order by b.score desc, b.text_id;
end
$$;

comment on function cortex.lexical_ranking(text, integer, bigint[], text[], text[], timestamptz, timestamptz) is
'Texts by BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, Lucene''s never negative IDF), best first. p_only, where it
is not null, are the texts that the filter leaves. Blocks of postings are read in the order of the most that they can
add, until what is unread cannot change the best p_limit (Turtle and Flood''s max score, 1995, over impact-ordered
blocks); texts that may be among them are then scored from their own lexemes. PostgreSQL counts at most 255 occurrences
of a lexeme in a text, and those after its 16,383rd word at one position.';
