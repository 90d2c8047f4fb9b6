create or replace function cortex.nearest_items(p_generation_id bigint, p_embedding text, p_limit integer)
returns setof bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.item_id
  from cortex.nearest_texts(p_generation_id, p_embedding, 2 * p_limit, false) as n
  cross join lateral (
    select c.item_id
    from cortex.chunk as c
    where c.owner_id = (select ops.current_owner()) and c.text_id = n.text_id
    order by c.occurred_at desc nulls last, c.item_id desc
    limit 1
  ) as c
  group by c.item_id
  order by max(n.similarity) desc, c.item_id
  limit p_limit;
$$;

comment on function cortex.nearest_items(bigint, text, integer) is
'The current owner''s items nearest to an embedding in any generation, best first. For datapunk_worker only.';
