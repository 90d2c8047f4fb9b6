create or replace function cortex.filtered_texts(
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb, p_most integer
)
returns bigint[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_found bigint[];
begin
  if num_nonnulls(p_kinds, p_sources, p_since, p_until, p_attributes) = 0 then
    return null;
  end if;
  -- Counted before anything is made of them: an index alone mostly tells that a filter is wide. What attributes leave is
  -- in no index.
  if p_attributes is null and p_most < (
    select count(*)
    from (
      select
      from cortex.chunk as c
      where p_sources is not null and c.owner_id = (select ops.current_owner()) and c.source = any (p_sources)
        and (p_kinds is null or c.kind = any (p_kinds))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
      limit p_most + 1
    ) as f
  ) + (
    select count(*)
    from (
      select
      from lake.item as i
      where p_sources is null and i.owner_id = (select ops.current_owner())
        and (p_kinds is null or i.kind = any (p_kinds))
        and (p_since is null or i.occurred_at >= p_since)
        and (p_until is null or i.occurred_at < p_until)
      limit p_most + 1
    ) as f
  ) then
    return null;
  end if;
  if p_sources is not null then
    v_found := array(
      select c.text_id
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.source = any (p_sources)
        and (p_kinds is null or c.kind = any (p_kinds))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
        and (p_attributes is null or (
          select true
          from lake.item as a
          where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
        ))
      limit p_most + 1
    );
    return case
      when cardinality(v_found) <= p_most then array(select distinct f.id from unnest(v_found) as f (id))
    end;
  end if;
  v_found := array(
    select i.id
    from lake.item as i
    where i.owner_id = (select ops.current_owner())
      and (p_kinds is null or i.kind = any (p_kinds))
      and (p_since is null or i.occurred_at >= p_since)
      and (p_until is null or i.occurred_at < p_until)
      and (p_attributes is null or i.attributes @> p_attributes)
    limit p_most + 1
  );
  if cardinality(v_found) > p_most then
    return null;
  end if;
  return array(
    select distinct c.text_id
    from cortex.chunk as c
    where c.owner_id = (select ops.current_owner()) and c.item_id = any (v_found)
  );
end
$$;

comment on function cortex.filtered_texts(text[], text[], timestamptz, timestamptz, jsonb, integer) is
'The texts that a filter leaves, or null when it leaves more than p_most items (or filters nothing): then a ranking
looks at each candidate instead. No index tells which items have attributes: few that do are looked for among all that the
rest of the filter leaves.';
