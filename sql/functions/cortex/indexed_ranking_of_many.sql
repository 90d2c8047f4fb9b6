create or replace function cortex.indexed_ranking_of_many(
  p_query public.halfvec, p_generation_id bigint, p_dimensions integer, p_limit integer,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns table (text_id bigint, similarity double precision)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
-- That of cortex.index_effort for a large graph: set for the function, since owners may not call set_config.
set "hnsw.ef_search" = 250
as $$
  select r.text_id, r.similarity
  from cortex.indexed_ranking(
    p_query, p_generation_id, p_dimensions, p_limit, p_kinds, p_sources, p_since, p_until, p_attributes
  ) as r
$$;

comment on function cortex.indexed_ranking_of_many(
  public.halfvec, bigint, integer, integer, text[], text[], timestamptz, timestamptz, jsonb
) is
'cortex.indexed_ranking at the effort that a large graph needs (cortex.index_effort).';
