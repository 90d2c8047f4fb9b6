create or replace function cortex.rank_blocks(
  p_places tid[], p_numbers integer[], p_bounds double precision[], p_texts integer[],
  p_terms text[], p_weights double precision[], p_flat double precision, p_slope double precision,
  p_limit integer, p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb,
  p_removed boolean
)
returns table (text_id bigint, score double precision)
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  from datapunk.cortex import entry
  query = (p_places, p_numbers, p_bounds, p_texts), (p_terms, p_weights, p_flat, p_slope)
  return entry.rank_blocks(plpy, GD, *query, p_limit, (p_kinds, p_sources, p_since, p_until, p_attributes), p_removed)
$$;

comment on function cortex.rank_blocks(
  tid[], integer[], double precision[], integer[], text[], double precision[], double precision, double precision,
  integer, text[], text[], timestamptz, timestamptz, jsonb, boolean
) is
'The part of cortex.lexical_ranking for queries of common words: the best p_limit texts of many blocks of postings,
which come in the order of the most that a text in them can score. Reads no further than it must; scores by numpy.';
