create or replace function cortex.semantic_ranking_of_many(
  p_embedding text, p_limit integer, p_exact boolean, p_only bigint[],
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz
)
returns table (text_id bigint, similarity double precision)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set "hnsw.ef_search" = 250
as $$
  select r.text_id, r.similarity
  from cortex.semantic_ranking(p_embedding, p_limit, p_exact, p_only, p_kinds, p_sources, p_since, p_until) as r;
$$;

comment on function cortex.semantic_ranking_of_many(
  text, integer, boolean, bigint[], text[], text[], timestamptz, timestamptz
) is
'cortex.semantic_ranking with the effort that a large index needs (cortex.index_effort): a function of its own, since
one that is stable cannot set it for itself.';
