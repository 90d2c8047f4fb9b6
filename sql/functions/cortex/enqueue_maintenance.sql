create or replace function cortex.enqueue_maintenance(p_task text, p_subject text default null)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stream.send(
    'maintenance', jsonb_build_object('owner_id', ops.current_owner(), 'task', p_task, 'subject', p_subject)
  );
$$;

comment on function cortex.enqueue_maintenance(text, text) is
'Asks a worker for upkeep: build (of a generation, the subject), sweep (after a switch), recall (of the current owner),
prepare (a provider, the subject). SECURITY DEFINER because people have no rights on the queues; not for people.';
