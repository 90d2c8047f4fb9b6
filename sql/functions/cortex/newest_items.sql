create or replace function cortex.newest_items(
  p_texts bigint[], p_k integer,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb,
  p_tail_texts bigint[], p_tail_items bigint[], p_tail_times timestamptz[]
)
returns table (item_id bigint, place integer)
language plpgsql
stable
rows 10
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_items bigint[];
  v_places integer[];
  v_most integer := 2 * p_k + 10;
begin
  -- The first texts nearly always name enough items; where they don't, all are looked at.
  loop
    select array_agg(b.item_id order by b.place), array_agg(b.place order by b.place) into v_items, v_places
    from (
      -- A long item is named once, by its best chunk.
      select distinct on (n.item_id) n.item_id, f.place::integer as place
      from unnest(p_texts[:v_most]) with ordinality as f (text_id, place)
      cross join lateral (
        (
          select c.item_id, c.occurred_at
          from cortex.chunk as c
          where c.owner_id = (select ops.current_owner()) and c.text_id = f.text_id
            and (p_kinds is null or c.kind = any (p_kinds))
            and (p_sources is null or c.source = any (p_sources))
            and (p_since is null or c.occurred_at >= p_since)
            and (p_until is null or c.occurred_at < p_until)
            and (p_attributes is null or (
              select true
              from lake.item as a
              where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
            ))
          order by c.occurred_at desc nulls last, c.item_id desc
          limit 1
        )
        union all
        select t.item_id, t.occurred_at
        from unnest(p_tail_texts, p_tail_items, p_tail_times) as t (text_id, item_id, occurred_at)
        where t.text_id = f.text_id
        order by 2 desc nulls last, 1 desc
        limit 1
      ) as n
      order by n.item_id, f.place
    ) as b;
    exit when cardinality(v_items) >= p_k or v_most >= coalesce(cardinality(p_texts), 0);
    v_most := cardinality(p_texts);
  end loop;
  return query select h.item_id, h.place from unnest(v_items[:p_k], v_places[:p_k]) as h (item_id, place);
end
$$;

comment on function cortex.newest_items(
  bigint[], integer, text[], text[], timestamptz, timestamptz, jsonb, bigint[], bigint[], timestamptz[]
) is
'The first p_k items that ranked texts name, with the place of the text: of each text the newest item that the filter
leaves, in the index or, p_tail, among what is not indexed yet; an item by its best text.';
