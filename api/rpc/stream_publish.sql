create or replace function api.stream_publish(topic text, payload jsonb)
returns bigint
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select stream.publish(topic, payload);
$$;

comment on function api.stream_publish(text, jsonb) is
'Publishes a message under a topic, to the owner''s subscriptions that match it now; returns the message''s id.
It is sent when the transaction commits. topic: words of letters, digits, _ and -, joined by dots. SQLSTATE 22023 for a
bad topic or payload, 54000 when handlers publish what they are called for, without end.';
