create or replace function stream.bury(p_queue text, p_message_id bigint, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format(
    'update pgmq.%I set headers = coalesce(headers, ''{}'') || $2 where msg_id = $1',
    pgmq.format_table_name(p_queue, 'q')
  )
  using p_message_id, jsonb_build_object('buried_because', p_reason);
  return pgmq.archive(p_queue, p_message_id);
end
$$;

comment on function stream.bury(text, bigint, text) is
'Takes a message that cannot be worked off out of its queue and keeps it, with the reason, in the queue''s archive.
False when it is gone. For datapunk_worker only.';
