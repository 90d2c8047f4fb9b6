create or replace function stream.done(p_queue text, p_message_id bigint)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pgmq.delete(p_queue, p_message_id);
$$;

comment on function stream.done(text, bigint) is
'Removes a message that was worked off; false when it was gone already. For datapunk_worker only.';
