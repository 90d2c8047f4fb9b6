create or replace function cortex.unindex_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner text;
  v_items bigint[];
  v_left bigint[];
begin
  for v_owner, v_items in
    select o.owner_id, array_agg(o.id) from old_item as o group by o.owner_id
  loop
    if cortex.tail_of(v_owner, v_items) <> '{}' then
      -- Batches of which nothing is left need not wait for an indexer that finds that out.
      delete from cortex.unindexed as u
      where u.owner_id = v_owner and u.id in (
        select w.id
        from cortex.unindexed as w
        where w.owner_id = v_owner and not exists (
          select from lake.item as i where i.owner_id = v_owner and i.id = any (w.item_ids)
        )
        for update skip locked
      );
    end if;
    v_left := cortex.drop_chunks(v_owner, v_items);
    if v_left <> '{}' then
      perform cortex.remove_orphans(v_left);
      if v_owner = ops.current_owner() and not exists (select from cortex.text as t where t.owner_id = v_owner) then
        perform cortex.forget_recall();
      end if;
    end if;
  end loop;
  return null;
end
$$;

comment on function cortex.unindex_items() is
'Trigger of lake.item: removes the chunks of deleted items, and the texts that nobody holds any more. Those that are not
indexed yet will not be.';
