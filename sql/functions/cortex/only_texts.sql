create or replace function cortex.only_texts(
  p_query text, p_filtered boolean,
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb
)
returns bigint[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_phrased constant bigint[] := case when p_query like '%"%' then cortex.phrase_texts(p_query) end;
begin
  if v_phrased is not null then
    return array(
      select distinct c.text_id
      from cortex.chunk as c
      where c.owner_id = (select ops.current_owner()) and c.text_id = any (v_phrased)
        and (p_kinds is null or c.kind = any (p_kinds))
        and (p_sources is null or c.source = any (p_sources))
        and (p_since is null or c.occurred_at >= p_since)
        and (p_until is null or c.occurred_at < p_until)
        and (p_attributes is null or (
          select true
          from lake.item as a
          where a.owner_id = (select ops.current_owner()) and a.id = c.item_id and a.attributes @> p_attributes
        ))
    );
  end if;
  if not p_filtered then
    return null;
  end if;
  return cortex.filtered_texts(p_kinds, p_sources, p_since, p_until, p_attributes, cortex.narrow_limit());
end
$$;

comment on function cortex.only_texts(
  text, boolean, text[], text[], timestamptz, timestamptz, jsonb
) is
'The texts that a search ranks, where these are few: those with the phrases that p_query has in quotation marks, or
those that a narrow filter leaves. Null where all are ranked, and the filter is checked on each candidate.';
