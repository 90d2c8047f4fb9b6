create or replace function cortex.indexed_ranking(
  p_query public.halfvec, p_generation_id bigint, p_dimensions integer, p_limit integer,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns table (text_id bigint, similarity double precision)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The number of dimensions is part of the index's expression and cannot be a parameter.
  return query execute format(
    'select n.text_id, 1 - n.distance
     from (
       select e.text_id, (e.embedding::public.halfvec(%1$s)) operator(public.<=>) ($1::public.halfvec(%1$s)) as distance
       from cortex.embedding as e
       where e.owner_id = (select ops.current_owner()) and e.generation_id = $2 %2$s
       order by distance
       limit $3
     ) as n
     -- The scan comes back to nearer ones where a filter took some away; no index gives a sum in order.
     order by n.distance + 0',
    p_dimensions,
    case
      when num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) > 0 then
        -- LIMIT keeps the planner from hashing all chunks for the sake of a few candidates.
        'and (
           select true
           from cortex.chunk as c
           where c.owner_id = (select ops.current_owner()) and c.text_id = e.text_id
             and ($4 is null or c.kind = any ($4)) and ($5 is null or c.source = any ($5))
             and ($6 is null or c.occurred_at >= $6) and ($7 is null or c.occurred_at < $7)
             and ($8 is null or (
               select true
               from lake.item as a
               where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> $8
             ))
           limit 1
         )'
    end
  )
  using p_query, p_generation_id, p_limit, p_kinds, p_sources, p_since, p_until, p_attributes;
end
$$;

comment on function cortex.indexed_ranking(
  public.halfvec, bigint, integer, integer, text[], text[], timestamptz, timestamptz, jsonb
) is
'The nearest texts of a generation by its HNSW index, at the effort (hnsw.ef_search) of the caller; part of
cortex.semantic_ranking, whose settings it needs.';
