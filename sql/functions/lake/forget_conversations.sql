create or replace function lake.forget_conversations(p_items bigint[])
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
  v_conversations bigint[];
  v_left bigint[];
begin
  -- As for places: the title may have been from a message that is lost.
  v_conversations := array(
    select distinct c.conversation_id
    from lake.conversation_item as c
    cross join lateral unnest(c.item_ids) as u (id)
    -- Compared with a constant, which is hashed; a join with all of p_items would be made for each row.
    where c.owner_id = v_owner and (cardinality(p_items) > 50 or c.item_ids && p_items) and u.id = any (p_items)
  );
  with gone as (
    delete from lake.conversation_item as c
    where c.owner_id = v_owner and c.conversation_id = any (v_conversations)
    returning c.item_ids
  )
  select array_agg(u.id) into v_left
  from gone as g
  cross join lateral unnest(g.item_ids) as u (id)
  where u.id <> all (p_items);
  update lake.conversation as c
  set title = null, seen_at = '-infinity'
  where c.owner_id = v_owner and c.id = any (v_conversations);
  perform lake.resolve_conversations(v_left);
  delete from lake.conversation as c
  where c.owner_id = v_owner and c.id = any (v_conversations) and not exists (
    select from lake.conversation_item as i where i.owner_id = v_owner and i.conversation_id = c.id
  );
end
$$;

comment on function lake.forget_conversations(bigint[]) is
'Takes back what these items say of conversations: those without another message go, the others are called as the
messages that are left have it.';
