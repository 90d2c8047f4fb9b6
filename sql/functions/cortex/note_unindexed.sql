create or replace function cortex.note_unindexed(p_owner text, p_items bigint[], p_language text, p_timezone text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into cortex.unindexed (owner_id, item_ids, items, first_id, last_id, language, timezone)
  select p_owner, p_items, cardinality(p_items), min(i.id), max(i.id), p_language, p_timezone
  from unnest(p_items) as i (id);
  perform cortex.enqueue_indexing('batches');
end
$$;

comment on function cortex.note_unindexed(text, bigint[], text, text) is
'Leaves items to cortex.index_batch, which a worker or the import that wrote them calls next.';
