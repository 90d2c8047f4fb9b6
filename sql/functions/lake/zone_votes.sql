create or replace function lake.zone_votes(p_import_id uuid, p_zone text)
returns table (shift_minutes integer, met bigint, due bigint)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_pages bytea[];
  v_candidates bytea[];
  v_exact bytea[];
begin
  select array_agg(distinct z.content_hash), array_agg(z.candidate_hash) into v_pages, v_candidates
  from lake.zone_candidate as z
  where z.owner_id = v_owner and z.zone = p_zone and z.import_id is not distinct from p_import_id;
  v_exact := array(
    select i.content_hash
    from lake.item as i
    where i.owner_id = v_owner and i.content_hash = any (v_candidates) and i.zone_source is distinct from 'ambiguous'
  );
  return query
    with page as materialized (
      select i.content_hash, i.kind, i.source, i.occurred_at
      from lake.item as i
      where i.owner_id = v_owner and i.content_hash = any (v_pages) and i.zone_source = 'ambiguous'
    ), span as materialized (
      select i.kind, i.source, date_trunc('second', min(i.occurred_at)) as first, max(i.occurred_at) as last
      from lake.item as i
      where i.owner_id = v_owner and i.kind = any (array(select p.kind from page as p))
        and i.zone_source is distinct from 'ambiguous'
      group by i.kind, i.source
    )
    select
      z.shift_minutes, count(*) filter (where z.candidate_hash = any (v_exact)),
      count(*) filter (where p.occurred_at + make_interval(mins => z.shift_minutes) between s.first and s.last)
    from page as p
    join lake.zone_candidate as z on z.owner_id = v_owner and z.content_hash = p.content_hash
    left join span as s on s.kind = p.kind and s.source = p.source
    group by z.shift_minutes;
end
$$;

comment on function lake.zone_votes(uuid, text) is
'For each zone that an abbreviation in an import can mean: how many of its entries meet an item whose time is known, and
how many fall into the time that such items are from, where all of them should.';
