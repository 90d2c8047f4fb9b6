create or replace function cortex.enqueue_indexing(p_task text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stream.send('indexing', jsonb_build_object('owner_id', ops.current_owner(), 'task', p_task));
$$;

comment on function cortex.enqueue_indexing(text) is
'Tells the workers that items of the current owner wait for the lexical index (batches), or that their names are to be
taken in too (names). SECURITY DEFINER because people have no rights on the queues.';
