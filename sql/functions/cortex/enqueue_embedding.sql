create or replace function cortex.enqueue_embedding()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into cortex.holder (name)
  select ops.current_owner()
  where not exists (select from cortex.holder as h where h.name = ops.current_owner());
  select stream.send('embedding', jsonb_build_object('owner_id', ops.current_owner()));
$$;

comment on function cortex.enqueue_embedding() is
'Tells the workers that texts of the current owner wait for their embeddings, and notes that the owner has texts.
SECURITY DEFINER because people have no rights on the queues.';
