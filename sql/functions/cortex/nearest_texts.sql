create or replace function cortex.nearest_texts(
  p_generation_id bigint, p_embedding text, p_limit integer, p_exact boolean
)
returns table (text_id bigint, similarity double precision)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set "hnsw.iterative_scan" = relaxed_order
as $$
declare
  v_owner constant text := ops.current_owner();
  v_dimensions constant integer := (select g.dimensions from cortex.generation as g where g.id = p_generation_id);
begin
  return query execute format(
    'select n.text_id, 1 - n.distance
     from (
       select e.text_id,
         ((e.embedding::public.halfvec(%1$s)) operator(public.<=>) ($1::public.halfvec(%1$s))) %2$s as distance
       from cortex.embedding as e
       where e.owner_id = $2 and e.generation_id = $3
       -- No index gives a sum in order.
       order by distance
       limit $4
     ) as n
     order by 2 desc, 1',
    v_dimensions, case when p_exact then '+ 0' else '' end
  )
  using p_embedding, v_owner, p_generation_id, p_limit;
end
$$;

comment on function cortex.nearest_texts(bigint, text, integer, boolean) is
'The current owner''s texts nearest to an embedding in any generation, by its index as searches use it, or by comparing
all, at the effort (hnsw.ef_search) that the worker sets. To compare generations, and an index with the exact scan. For
datapunk_worker only.';
