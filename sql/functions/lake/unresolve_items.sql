create or replace function lake.unresolve_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items bigint[];
begin
  if tg_op = 'DELETE' then
    select array_agg(o.id) into v_items
    from old_item as o
    where o.owner_id = ops.current_owner() and o.kind in ('contact', 'mail', 'message', 'event', 'place_visit');
  else
    select array_agg(n.id) into v_items
    from new_item as n
    join old_item as o on o.owner_id = n.owner_id and o.id = n.id
    where n.owner_id = ops.current_owner()
      and (n.kind, n.source, n.external_id, n.occurred_at, n.title, n.attributes)
        is distinct from (o.kind, o.source, o.external_id, o.occurred_at, o.title, o.attributes);
    insert into lake.unresolved (owner_id, item_ids)
    select ops.current_owner(), v_items where v_items is not null;
  end if;
  if v_items is not null then
    perform lake.lock_people();
    perform lake.forget_mentions(v_items);
    perform lake.forget_places(v_items);
    perform lake.forget_conversations(v_items);
  end if;
  return null;
end
$$;

comment on function lake.unresolve_items() is
'Trigger of lake.item: takes back what deleted items say of people, places and conversations, and what changed ones
said; these are looked up again by lake.resolve.';
