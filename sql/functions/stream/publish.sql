create or replace function stream.publish(p_topic text, p_payload jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(p_topic !~ '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$' or length(p_topic) > 255, true) then
    perform ops.fail(
      '22023', format('the topic is %s', coalesce(quote_literal(left(p_topic, 300)), 'null')),
      'Join words of letters, digits, _ and - by dots, as in home.door.open; at most 255 characters.'
    );
  end if;
  if p_payload is null or length(p_payload::text) > 1000000 then
    perform ops.fail(
      '22023', case when p_payload is null then 'there is no payload' else 'the payload is too long' end,
      'Give JSON of up to 1,000,000 characters; {} when there is nothing to say.'
    );
  end if;
  insert into stream.topic (name)
  select p_topic
  where not exists (select from stream.topic as t where t.owner_id = (select ops.current_owner()) and t.name = p_topic)
  on conflict on constraint topic_pk do nothing;
  return stream.fan_out(p_topic, p_payload);
end
$$;

comment on function stream.publish(text, jsonb) is
'Does the work of stream_publish. SQLSTATE 22023 for a bad topic or payload, 54000 for handlers without end.';
