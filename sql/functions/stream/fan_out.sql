create or replace function stream.fan_out(p_topic text, p_payload jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_message_id constant bigint := nextval('stream.message_seq');
  -- Workers set it while a handler runs.
  v_depth constant integer := coalesce(nullif(current_setting('datapunk.stream_depth', true), ''), '0')::integer;
  v_deliveries bigint;
begin
  with placed as (
    insert into stream.delivery (message_id, subscription_id, topic, payload, depth)
    select v_message_id, s.id, p_topic, p_payload, v_depth + 1
    from stream.subscription as s
    where s.owner_id = v_owner and stream.matches(s.pattern, p_topic)
    returning id
  )
  select count(stream.send('delivery', jsonb_build_object('owner_id', v_owner, 'delivery_id', p.id)))
  into v_deliveries
  from placed as p;
  if v_deliveries > 0 and v_depth >= 10 then
    perform ops.fail(
      '54000', format('messages have led to messages %s times over, now under %s', v_depth, p_topic),
      'A handler must not cause, directly or by way of others, the messages that it is called for.'
    );
  end if;
  return v_message_id;
end
$$;

comment on function stream.fan_out(text, jsonb) is
'Places a message for each subscription of the current owner that matches, in the caller''s transaction; returns the
message''s id. Only for functions that run as datapunk_owner: the topic is taken as it is. SQLSTATE 54000 when handlers
call each other without end.';
