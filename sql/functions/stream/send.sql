create or replace function stream.send(p_queue text, p_payload jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message_id bigint := (select sent.id from pgmq.send(p_queue, p_payload) as sent (id));
begin
  -- Equal notifications of one transaction are delivered once, at its commit.
  perform pg_notify('datapunk_queue', p_queue);
  return v_message_id;
end
$$;

comment on function stream.send(text, jsonb) is
'Puts a message into a queue and wakes the workers at commit; returns the message''s id.
Only for functions that run as datapunk_owner: a payload names the owner that a worker acts as, so people cannot send.
Payloads carry keys, never texts of a person. SQLSTATE 42P01 for an unknown queue.';
