create or replace function cortex.unindex_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left bigint[];
begin
  with gone as (
    delete from cortex.chunk as c using old_item as o
    where c.owner_id = o.owner_id and c.item_id = o.id
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
