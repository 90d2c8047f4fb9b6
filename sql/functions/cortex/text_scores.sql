create or replace function cortex.text_scores(
  p_text_ids bigint[], p_terms text[], p_weights double precision[],
  p_flat double precision, p_slope double precision,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns table (text_id bigint, score double precision)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  select t.id, s.score
  from cortex.text as t
  cross join lateral (
    -- Only the query's lexemes get the mark that the filter lets pass.
    select sum(
      p_weights[array_position(p_terms, u.lexeme)] * cardinality(u.positions)
      / (cardinality(u.positions) + p_flat + p_slope * t.length)
    ) as score
    from unnest(ts_filter(setweight(t.lexemes, 'A', p_terms), '{a}')) as u
  ) as s
  where t.owner_id = (select ops.current_owner()) and t.id = any (p_text_ids) and s.score is not null
    and (num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) = 0 or (
      select true
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = t.id
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
    ));
$$;

comment on function cortex.text_scores(
  bigint[], text[], double precision[], double precision, double precision,
  text[], text[], timestamptz, timestamptz, jsonb
) is
'BM25 of given texts, from the texts themselves: p_weights are the terms'' weights in the query times their IDF, p_flat
and p_slope the saturation k1 (1 - b) and k1 b over the average length. Leaves out texts that are
gone, hold none of the terms, or that the filter takes away.';
