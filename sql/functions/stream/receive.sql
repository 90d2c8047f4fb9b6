create or replace function stream.receive(p_queue text, p_lease_s integer, p_limit integer)
returns table (message_id bigint, read_count integer, payload jsonb)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.msg_id, r.read_ct::integer, r.message
  from pgmq.read(p_queue, p_lease_s, p_limit) as r
  order by r.msg_id;
$$;

comment on function stream.receive(text, integer, integer) is
'Takes up to p_limit messages, oldest first; each stays hidden from other workers for p_lease_s seconds.
A message that is neither done nor extended comes back, with read_count one higher. For datapunk_worker only.';
