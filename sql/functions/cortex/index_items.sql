create or replace function cortex.index_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_language constant text := coalesce(nullif(current_setting('datapunk.language', true), ''), 'en');
  v_timezone constant text := current_setting('TimeZone');
  v_owner text;
  v_items bigint[];
  v_tail bigint[];
  v_left bigint[];
begin
  if tg_op = 'INSERT' then
    for v_owner, v_items in
      select n.owner_id, array_agg(n.id) from new_item as n group by n.owner_id
    loop
      if cortex.defers_index(cardinality(v_items)) and v_owner = ops.current_owner() then
        perform cortex.note_unindexed(v_owner, v_items, v_language, v_timezone);
      else
        perform cortex.index_now(v_owner, v_items, v_language, v_timezone);
      end if;
    end loop;
    return null;
  end if;
  for v_owner, v_items in
    select n.owner_id, array_agg(n.id)
    from new_item as n
    join old_item as o on o.owner_id = n.owner_id and o.id = n.id
    where (n.kind, n.source, n.occurred_at, n.title, n.body, n.url, n.attributes, n.language)
      is distinct from (o.kind, o.source, o.occurred_at, o.title, o.body, o.url, o.attributes, o.language)
    group by n.owner_id
  loop
    -- What is not indexed yet will be as it is then; what could not be is tried again.
    v_tail := cortex.tail_of(v_owner, v_items);
    if v_tail <> '{}' then
      update cortex.unindexed as u set error = null
      where u.owner_id = v_owner and u.error is not null and u.first_id = any (v_tail);
      if found then
        perform cortex.enqueue_indexing('batches');
      end if;
    end if;
    v_items := array(
      select i.id from unnest(v_items) as i (id) where not exists (select from unnest(v_tail) as t (id) where t.id = i.id)
    );
    continue when v_items = '{}';
    v_left := cortex.drop_chunks(v_owner, v_items);
    perform cortex.index_now(v_owner, v_items, v_language, v_timezone);
    if v_left <> '{}' then
      perform cortex.remove_orphans(v_left);
    end if;
  end loop;
  return null;
end
$$;

comment on function cortex.index_items() is
'Trigger of lake.item: keeps the lexical index in step with what a statement wrote (cortex.index_now), and leaves the
embedding to the workers; what a large statement inserted is noted, and indexed right after (cortex.defers_index). An
update of items that still wait needs nothing.';
