create or replace function cortex.index_batch(p_wait boolean)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_batch cortex.unindexed;
  v_failure text;
begin
  select u.* into v_batch
  from cortex.unindexed as u
  where u.owner_id = v_owner and u.error is null
  order by u.id
  limit 1
  for update skip locked;
  if v_batch.id is null and p_wait then
    select u.* into v_batch
    from cortex.unindexed as u
    where u.owner_id = v_owner and u.error is null
    order by u.id
    limit 1
    for update;
  end if;
  if v_batch.id is null then
    return (select -1 from cortex.unindexed as u where u.owner_id = v_owner and u.error is null limit 1);
  end if;
  begin
    delete from cortex.unindexed as u where u.owner_id = v_owner and u.id = v_batch.id;
    perform cortex.index_now(v_owner, v_batch.item_ids, v_batch.language, v_batch.timezone);
    return v_batch.items;
  exception
    when data_exception or program_limit_exceeded or external_routine_exception then
      v_failure := sqlerrm;
  end;
  -- One item must not keep the others out: halves are tried by themselves, and a single one is put aside.
  if v_batch.items = 1 then
    update cortex.unindexed as u set error = left(v_failure, 2000) where u.owner_id = v_owner and u.id = v_batch.id;
    return 0;
  end if;
  delete from cortex.unindexed as u where u.owner_id = v_owner and u.id = v_batch.id;
  insert into cortex.unindexed (owner_id, item_ids, items, first_id, last_id, language, timezone, created_at)
  select v_owner, array_agg(i.id order by i.place), count(*), min(i.id), max(i.id), v_batch.language, v_batch.timezone,
    v_batch.created_at
  from unnest(v_batch.item_ids) with ordinality as i (id, place)
  group by i.place > v_batch.items / 2;
  return 0;
end
$$;

comment on function cortex.index_batch(boolean) is
'Takes the oldest batch of the current owner''s items that are not in the lexical index yet into it; returns how many
items that were, null when there is none. Of batches that others work on it waits for the first when p_wait is set, and
leaves them out otherwise. A batch that cannot be indexed is halved, and one item put aside with the reason; 0 then.
SECURITY DEFINER because workers have no rights on tables.';
