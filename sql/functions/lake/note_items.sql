create or replace function lake.note_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into lake.unresolved (owner_id, item_ids)
  select n.owner_id, array_agg(n.id)
  from new_item as n
  where n.kind in ('contact', 'mail', 'message', 'event', 'place_visit')
  group by n.owner_id;
  return null;
end
$$;

comment on function lake.note_items() is
'Trigger of lake.item: notes what a statement wrote, for lake.resolve.';
