create or replace function stream.extend(p_queue text, p_message_id bigint, p_lease_s integer)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from pgmq.set_vt(p_queue, p_message_id, p_lease_s));
$$;

comment on function stream.extend(text, bigint, integer) is
'Holds a message for p_lease_s more seconds from now (0 gives it back at once); false when it is gone.
For datapunk_worker only.';
