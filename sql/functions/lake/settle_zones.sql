create or replace function lake.settle_zones(p_import_id uuid)
returns table (kind text, count bigint)
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_group record;
  v_shift integer;
  v_from bytea[];
  v_to bytea[];
  v_pages bigint[];
  v_others bigint[];
  v_gone lake.item[];
begin
  if not exists (select from lake.zone_candidate as z where z.owner_id = v_owner) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('lake.settle_zones ' || v_owner, 0));
  for v_group in
    select z.import_id, z.zone
    from lake.zone_candidate as z
    where z.owner_id = v_owner
    group by z.import_id, z.zone
    having not bool_or(z.chosen)
    order by z.import_id, z.zone
  loop
    -- An export has one zone for an abbreviation, so all its entries decide together; where two zones do as well, none.
    select v.shift_minutes into v_shift
    from (
      select o.shift_minutes, o.met, o.due, lead(o.met, 1, 0::bigint) over (order by o.met desc) as next_met
      from lake.zone_votes(v_group.import_id, v_group.zone) as o
      order by o.met desc
      limit 1
    ) as v
    where v.met > v.next_met and 2 * v.met >= v.due;
    continue when not found;
    with chosen as (
      update lake.zone_candidate as z
      set chosen = true
      where z.owner_id = v_owner and z.zone = v_group.zone and z.import_id is not distinct from v_group.import_id
        and z.shift_minutes = v_shift
      returning z.content_hash, z.candidate_hash
    )
    select array_agg(c.content_hash), array_agg(c.candidate_hash) into v_from, v_to from chosen as c;
    with page as materialized (
      select i.id, t.candidate_hash
      from unnest(v_from, v_to) as t (content_hash, candidate_hash)
      join (
        select o.id, o.content_hash
        from lake.item as o
        where o.owner_id = v_owner and o.content_hash = any (v_from) and o.zone_source = 'ambiguous'
      ) as i on i.content_hash = t.content_hash
    )
    select array_agg(p.id), array_agg(d.id) into v_pages, v_others
    from page as p
    join (
      select o.id, o.content_hash from lake.item as o where o.owner_id = v_owner and o.content_hash = any (v_to)
    ) as d on d.content_hash = p.candidate_hash;
    -- The older row of each pair stays, with what the one says whose time is known.
    perform gaia.replace_items(array_agg(greatest(p.page, p.other)), array_agg(least(p.page, p.other)))
    from unnest(v_pages, v_others) as p (page, other);
    with gone as (
      delete from lake.item as i
      where i.owner_id = v_owner
        and i.id = any (array(select greatest(p.page, p.other) from unnest(v_pages, v_others) as p (page, other)))
      returning i.*
    )
    select array_agg(g::lake.item) into v_gone from gone as g;
    update lake.item as i
    set kind = g.kind, source = g.source, external_id = g.external_id, occurred_at = g.occurred_at,
      ended_at = g.ended_at, precision = g.precision, zone_source = g.zone_source, title = g.title, body = g.body,
      url = g.url, attributes = g.attributes, content_hash = g.content_hash, language = g.language,
      quality = g.quality, edited_at = g.edited_at, sensitivity = g.sensitivity
    from unnest(v_pages, v_others) as p (page, other)
    join unnest(v_gone) as g on g.id = p.other
    where i.owner_id = v_owner and i.id = p.page and p.page < p.other;
    update lake.item as i
    set occurred_at = i.occurred_at + make_interval(mins => v_shift),
      ended_at = i.ended_at + make_interval(mins => v_shift), content_hash = t.candidate_hash, zone_source = 'abbr'
    from unnest(v_from, v_to) as t (content_hash, candidate_hash)
    where i.owner_id = v_owner and i.content_hash = any (v_from) and i.content_hash = t.content_hash;
    return query
      select g.kind, count(*) from unnest(v_gone) as g where g.import_id = p_import_id group by g.kind;
  end loop;
end
$$;

comment on function lake.settle_zones(uuid) is
'Finds out which zone the pages of an export mean by an abbreviation of several, by the items that they share with other
exports of the current owner: entries that are the same become one item, the rest get their right time. Undecided ones
stay as they are until an import brings more. Returns what of the import p_import_id was there already, by kind.';
