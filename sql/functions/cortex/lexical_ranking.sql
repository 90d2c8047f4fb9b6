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
as $$
declare
  v_terms constant text[] := cortex.query_terms(p_query);
  v_filtered constant boolean := p_only is null
    and (p_kinds is not null or p_sources is not null or p_since is not null or p_until is not null);
  v_k1 constant double precision := 1.2;
  v_b constant double precision := 0.75;
  v_half constant double precision := 0.5;
  v_removed constant boolean := exists (
    select
    from cortex.removal as r
    where r.owner_id = (select ops.current_owner())
  );
  v_texts double precision;
  v_length double precision;
begin
  select sum(d.texts), sum(d.tokens)::double precision / nullif(sum(d.texts), 0) into v_texts, v_length
  from cortex.corpus_delta as d
  where d.owner_id = (select ops.current_owner());
  return query
  with hit as materialized (
    select p.term, p.text_ids, p.frequencies, p.lengths
    from cortex.posting as p
    where p.owner_id = (select ops.current_owner()) and p.term = any (v_terms)
  ), removed as (
    select r.text_id
    from cortex.removal as r
    where r.owner_id = (select ops.current_owner())
  ), weight as materialized (
    select f.term, ln(1 + (v_texts - f.texts + v_half) / (f.texts + v_half)) as idf
    from (
      select h.term,
        sum(case
          when v_removed then
            (select count(*) from unnest(h.text_ids) as u (id) where u.id not in (select d.text_id from removed as d))
          else cardinality(h.text_ids)
        end)::double precision as texts
      from hit as h
      group by h.term
    ) as f
  ), ranked as (
    select u.text_id,
      sum(w.idf * u.frequency / (u.frequency + v_k1 * (1 - v_b + v_b * u.length / v_length))) as score
    from hit as h
    join weight as w on w.term = h.term
    cross join lateral unnest(h.text_ids, h.frequencies, h.lengths) as u (text_id, frequency, length)
    where (p_only is null or u.text_id in (select o.text_id from unnest(p_only) as o (text_id)))
      and (not v_removed or u.text_id not in (select d.text_id from removed as d))
    group by u.text_id
    order by 2 desc, 1
  )
  select r.text_id, r.score
  from ranked as r
  where not v_filtered or (
    select true
    from cortex.chunk as c
    where c.owner_id = (select ops.current_owner()) and c.text_id = r.text_id
      and (p_kinds is null or c.kind = any (p_kinds))
      and (p_sources is null or c.source = any (p_sources))
      and (p_since is null or c.occurred_at >= p_since)
      and (p_until is null or c.occurred_at < p_until)
    limit 1
  )
  order by r.score desc, r.text_id
  limit p_limit;
end
$$;

comment on function cortex.lexical_ranking(text, integer, bigint[], text[], text[], timestamptz, timestamptz) is
'Texts by BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75, Lucene''s never negative IDF), best first. p_only, where it
is not null, are the texts that the filter leaves. PostgreSQL counts at most 255 occurrences of a lexeme in a text, and
those after its 16,383rd word at one position.';
