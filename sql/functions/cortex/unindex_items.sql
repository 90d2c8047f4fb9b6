create or replace function cortex.unindex_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owners text[];
  v_items bigint[];
  v_left bigint[];
begin
  select array_agg(distinct o.owner_id), array_agg(o.id) into v_owners, v_items from old_item as o;
  with gone as (
    delete from cortex.chunk as c
    where c.owner_id = any (v_owners) and c.item_id = any (v_items)
    returning c.text_id
  )
  select array_agg(distinct g.text_id) into v_left from gone as g;
  if v_left is not null then
    perform cortex.remove_orphans(v_left);
  end if;
  return null;
end
$$;

comment on function cortex.unindex_items() is
'Trigger of lake.item: removes the chunks of deleted items, and the texts that nobody holds any more.';
