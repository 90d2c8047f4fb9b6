create or replace function cortex.tail_ranking(
  p_query text, p_limit integer, p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz,
  p_attributes jsonb
)
returns table (
  item_id bigint, text_id bigint, score double precision, body text, occurred_at timestamptz, repeats integer
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_custom_plan
set work_mem = '64MB'
as $$
declare
  v_owner constant text := ops.current_owner();
  v_separated constant text := translate(p_query, './-@+', '     ');
  v_phrases constant text[] := array(select f.phrase from cortex.phrases(p_query) as f);
  v_patterns constant text[] := array(select f.pattern from cortex.phrases(p_query) as f);
  v_texts double precision;
  v_tokens double precision;
begin
  select coalesce(sum(d.texts), 0), coalesce(sum(d.tokens), 0) into v_texts, v_tokens
  from cortex.corpus_delta as d
  where d.owner_id = v_owner;
  return query
  with piece as materialized (
    select p.item_id, p.ordinal, p.content, p.configuration, p.occurred_at,
      to_tsvector(p.configuration, translate(p.content, './-@+', '     ')) as lexemes
    from cortex.unindexed as b
    cross join lateral cortex.pieces(v_owner, b.item_ids, b.language, b.timezone) as p
    where b.owner_id = v_owner and (p_kinds is null or p.kind = any (p_kinds))
      and (p_sources is null or p.source = any (p_sources))
      and (p_since is null or p.occurred_at >= p_since) and (p_until is null or p.occurred_at < p_until)
      and (p_attributes is null or (
        select true from lake.item as a where a.owner_id = v_owner and a.id = p.item_id and a.attributes @> p_attributes
      ))
  ), word as materialized (
    -- What the query asks for, in the words of each language.
    select c.configuration, u.lexeme, cardinality(u.positions)::double precision as weight,
      quote_literal(u.lexeme)::tsquery as query
    from (select distinct p.configuration from piece as p) as c
    cross join lateral unnest(to_tsvector(c.configuration, v_separated)) as u
    union all
    select c.configuration, lower(m[1]), 1, (quote_literal(lower(m[1])) || ':*')::tsquery
    from (select distinct p.configuration from piece as p) as c
    cross join lateral regexp_matches(p_query, '(\w{2,})\*', 'g') as m
  ), wanted as materialized (
    -- Any of the words, and all of the phrases; one of nothing but stop words restricts nothing.
    select w.configuration, concat_ws(
      ' & ', '(' || string_agg(w.query::text, ' | ') || ')',
      (
        select string_agg('(' || q.phrase::text || ')', ' & ')
        from (select phraseto_tsquery(w.configuration, f.text) as phrase from unnest(v_phrases) as f (text)) as q
        where numnode(q.phrase) > 0
      )
    )::tsquery as query
    from word as w
    group by w.configuration
  ), matched as materialized (
    select p.*, (select sum(cardinality(u.positions))::double precision from unnest(p.lexemes) as u) as length
    from piece as p
    join wanted as q on q.configuration = p.configuration
    where p.lexemes @@ q.query and p.content ~* all (v_patterns)
  ), occurrence as materialized (
    select m.item_id, m.ordinal, m.length, w.lexeme, w.weight, sum(cardinality(u.positions)) as frequency
    from matched as m
    cross join lateral unnest(m.lexemes) as u
    join word as w on w.configuration = m.configuration and (
      w.lexeme = u.lexeme or (w.query::text like '%:*' and starts_with(u.lexeme, w.lexeme))
    )
    group by m.item_id, m.ordinal, m.length, w.lexeme, w.weight
  ), weight as (
    -- Terms that the index knows weigh what they do there, so that one ranking is made of both.
    select k.lexeme, ln(1 + (c.texts - k.texts + 0.5) / (k.texts + 0.5)) as weight
    from (
      select o.lexeme, i.texts > 0 as is_known, case when i.texts > 0 then i.texts else count(*) end as texts
      from occurrence as o
      cross join lateral (
        select coalesce(sum(p.texts), 0) as texts from cortex.posting as p where p.owner_id = v_owner and p.term = o.lexeme
      ) as i
      group by o.lexeme, i.texts
    ) as k
    cross join lateral (
      select v_texts + case when k.is_known then 0 else (select count(*) from piece) end as texts
    ) as c
  ), corpus as (
    select case when v_texts > 0 then v_tokens / v_texts else avg(length(p.lexemes)) end as length from piece as p
  ), ranked as (
    select o.item_id, o.ordinal,
      sum(
        o.weight * w.weight
        * o.frequency / (o.frequency + 1.2 * (0.25 + 0.75 * o.length / c.length))
      ) as score
    from occurrence as o
    join weight as w on w.lexeme = o.lexeme
    cross join corpus as c
    group by o.item_id, o.ordinal
  ), best as (
    -- A text is named once, with its newest item, and an item once, with its best piece.
    select distinct on (m.content) r.item_id, r.score, m.content, m.occurred_at,
      (count(*) over (partition by m.content))::integer as repeats
    from ranked as r
    join matched as m on m.item_id = r.item_id and m.ordinal = r.ordinal
    order by m.content, m.occurred_at desc nulls last, m.item_id desc
  ), first as (
    select b.*
    from (select distinct on (n.item_id) n.* from best as n order by n.item_id, n.score desc) as b
    order by b.score desc, b.item_id
    limit p_limit
  )
  select f.item_id, t.id, f.score, f.content, f.occurred_at, f.repeats
  from first as f
  left join cortex.text as t on t.owner_id = v_owner and t.hash = sha256(convert_to(f.content, 'UTF8'))
  order by f.score desc, f.item_id;
end
$$;

comment on function cortex.tail_ranking(text, integer, text[], text[], timestamptz, timestamptz, jsonb) is
'Items that are not in the lexical index yet, by BM25 with the statistics of the index, and of the tail for terms that
the index lacks; best first, with the text that matched, the indexed text that says the same, and how many say it. Reads and tokenises all of them: they are at most 50,000. Mistyped words find nothing here.';
