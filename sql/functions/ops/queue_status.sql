create or replace function ops.queue_status()
returns table (queue text, length bigint, waiting bigint, oldest_s integer)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select m.queue_name, m.queue_length, m.queue_visible_length, m.oldest_msg_age_sec
  from pgmq.metrics_all() as m
  order by m.queue_name;
$$;

comment on function ops.queue_status() is
'One row a queue: messages in it, those of them that no worker holds, and the age of the oldest in seconds.';
