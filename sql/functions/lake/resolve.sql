create or replace function lake.resolve()
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_items bigint[];
  v_touched bigint[];
begin
  perform lake.lock_people();
  with taken as (
    delete from lake.unresolved as u
    where u.owner_id = (select ops.current_owner())
    returning u.item_ids
  )
  select array_agg(distinct i.id) into v_items from taken as t cross join lateral unnest(t.item_ids) as i (id);
  if v_items is null then
    return 0;
  end if;
  v_touched := lake.resolve_mentions(v_items);
  if v_touched is not null then
    perform lake.resolve_persons(v_touched, '{}');
  end if;
  perform lake.resolve_places(v_items);
  perform lake.resolve_conversations(v_items);
  return cardinality(v_items);
end
$$;

comment on function lake.resolve() is
'Looks up people, places and conversations of what was written since the last time; returns the number of items looked
at. Imports end with it. Others who resolve for the same owner wait until this transaction ends.';
