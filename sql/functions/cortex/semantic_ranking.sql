create or replace function cortex.semantic_ranking(
  p_embedding text, p_limit integer, p_exact boolean, p_only bigint[],
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns table (text_id bigint, similarity double precision)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
-- A strict order would leave out what is nearer than what came before, as later rounds find where a filter (or another
-- owner) takes the first ones away.
set "hnsw.iterative_scan" = relaxed_order
-- The effort for most; a large graph is searched by cortex.indexed_ranking_of_many.
set "hnsw.ef_search" = 100
as $$
declare
  v_query constant public.halfvec := p_embedding::public.halfvec;
  v_filtered constant boolean := p_only is null
    and num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) > 0;
  v_generation bigint;
  v_dimensions integer;
  v_only bigint[] := p_only;
  v_texts bigint[];
  v_similarities double precision[];
begin
  select g.id, g.dimensions into v_generation, v_dimensions
  from cortex.generation as g
  where g.state = 'active';
  if not p_exact and v_only is null and cortex.is_minor(v_generation) then
    v_only := case
      when v_filtered
        then cortex.filtered_texts(p_kinds, p_sources, p_since, p_until, p_attributes, cortex.narrow_limit())
      else array(select t.id from cortex.text as t where t.owner_id = (select ops.current_owner()))
    end;
  end if;
  if not p_exact and v_only is null then
    if cortex.index_effort(v_generation) > 100 then
      select array_agg(r.text_id), array_agg(r.similarity) into v_texts, v_similarities
      from cortex.indexed_ranking_of_many(
        v_query, v_generation, v_dimensions, p_limit, p_kinds, p_sources, p_since, p_until, p_attributes
      ) as r;
    else
      select array_agg(r.text_id), array_agg(r.similarity) into v_texts, v_similarities
      from cortex.indexed_ranking(
        v_query, v_generation, v_dimensions, p_limit, p_kinds, p_sources, p_since, p_until, p_attributes
      ) as r;
    end if;
    if cardinality(v_texts) >= p_limit then
      return query select u.text_id, u.similarity from unnest(v_texts, v_similarities) as u (text_id, similarity);
      return;
    end if;
  end if;
  -- Exact where it is asked for or the filter is narrow, and where the index gave up before it had found enough.
  if v_only is not null then
    return query
    select e.text_id, 1 - (e.embedding operator(public.<=>) v_query)
    from cortex.embedding as e
    where e.owner_id = (select ops.current_owner()) and e.generation_id = v_generation and e.text_id = any (v_only)
    order by 2 desc, 1
    limit p_limit;
    return;
  end if;
  return query
  select e.text_id, 1 - (e.embedding operator(public.<=>) v_query)
  from cortex.embedding as e
  where e.owner_id = (select ops.current_owner()) and e.generation_id = v_generation
    and (not v_filtered or exists (
      select
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = e.text_id
        and (p_kinds is null or c.kind = any (p_kinds)) and (p_sources is null or c.source = any (p_sources))
        and (p_since is null or c.occurred_at >= p_since) and (p_until is null or c.occurred_at < p_until)
        and (p_attributes is null or (
          select true
          from lake.item as a
          where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
        ))
    ))
  order by 2 desc, 1
  limit p_limit;
end
$$;

comment on function cortex.semantic_ranking(
  text, integer, boolean, bigint[], text[], text[], timestamptz, timestamptz, jsonb
) is
'Texts by cosine similarity to an embedding of the active generation, best first. Exact when p_exact is set, when the
filter is narrow (p_only, its texts, is not null), when the owner has few of all owners'' texts, and when the HNSW index
finds fewer than p_limit; by the index with iterative scan otherwise, at the effort of cortex.index_effort.';
