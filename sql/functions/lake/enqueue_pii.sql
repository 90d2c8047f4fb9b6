create or replace function lake.enqueue_pii()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stream.send('pii', jsonb_build_object('owner_id', ops.current_owner()));
$$;

comment on function lake.enqueue_pii() is
'Tells the workers that items of the current owner wait to be looked through for personal data.
SECURITY DEFINER because people have no rights on the queues.';
