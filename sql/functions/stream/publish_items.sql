create or replace function stream.publish_items()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_kinds text[];
begin
  -- Imports must not pay for what nobody wants.
  if not exists (select from stream.subscription as s where s.owner_id = v_owner) then
    return null;
  end if;
  select array_agg(k.kind) into v_kinds
  from (select distinct n.kind from new_item as n where n.owner_id = v_owner) as k
  where exists (
    select from stream.subscription as s
    where s.owner_id = v_owner and stream.matches(s.pattern, 'lake.item.' || k.kind)
  );
  if v_kinds is null then
    return null;
  end if;
  perform stream.fan_out('lake.item.' || e.kind, to_jsonb(e))
  from (
    select n.kind, count(*) as count, (array_agg(n.id order by n.id))[:1000] as item_ids, n.import_id
    from new_item as n
    where n.owner_id = v_owner and n.kind = any (v_kinds)
    group by n.kind, n.import_id
  ) as e;
  return null;
end
$$;

comment on function stream.publish_items() is
'Trigger of lake.item: tells subscriptions to lake.item.KIND what a statement added, one message a kind.';
