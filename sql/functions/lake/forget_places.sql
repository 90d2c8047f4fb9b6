create or replace function lake.forget_places(p_items bigint[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
as $$
declare
  v_owner constant text := ops.current_owner();
  v_places bigint[];
  v_left bigint[];
begin
  -- A place that loses a visit is made anew from those that are left, since its name may have been from the lost one.
  v_places := array(
    select distinct p.place_id
    from lake.place_item as p
    cross join lateral unnest(p.item_ids) as u (id)
    -- Compared with a constant, which is hashed; a join with all of p_items would be made for each row.
    where p.owner_id = v_owner and (cardinality(p_items) > 50 or p.item_ids && p_items) and u.id = any (p_items)
  );
  with gone as (
    delete from lake.place_item as p
    where p.owner_id = v_owner and p.place_id = any (v_places)
    returning p.item_ids
  )
  select array_agg(u.id) into v_left
  from gone as g
  cross join lateral unnest(g.item_ids) as u (id)
  where u.id <> all (p_items);
  update lake.place as p
  set name = null, latitude = null, longitude = null, seen_at = '-infinity'
  where p.owner_id = v_owner and p.id = any (v_places);
  perform lake.resolve_places(v_left);
  delete from lake.place as p
  where p.owner_id = v_owner and p.id = any (v_places) and not exists (
    select from lake.place_item as i where i.owner_id = v_owner and i.place_id = p.id
  );
end
$$;

comment on function lake.forget_places(bigint[]) is
'Takes back what these items say of places: those without another visit go, the others are called as the visits that are
left have it.';
