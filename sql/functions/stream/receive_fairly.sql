create or replace function stream.receive_fairly(p_queue text, p_lease_s integer)
returns table (message_id bigint, read_count integer, payload jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Workers choose one after the other, so that two of them do not serve the same owner at once.
  perform pg_advisory_xact_lock(hashtextextended('stream.receive_fairly ' || p_queue, 0));
  for message_id, read_count, payload in execute format(
    $query$
    with message as materialized (
      select q.msg_id, q.message ->> 'owner_id' as owner, coalesce((q.message ->> 'priority')::integer, 0) as priority,
        q.vt <= clock_timestamp() as ready, q.vt > clock_timestamp() and q.read_ct > 0 as held
      from pgmq.%1$I as q
    ), best as (
      select m.msg_id
      from message as m
      left join (select h.owner, count(*) as jobs from message as h where h.held group by h.owner) as b
        on b.owner = m.owner
      left join stream.turn as t on t.queue = $1 and t.owner = m.owner
      where m.ready
      order by coalesce(b.jobs, 0), t.served_at nulls first, m.priority desc, m.msg_id
      limit 1
    )
    update pgmq.%1$I as q
    set vt = clock_timestamp() + make_interval(secs => $2), read_ct = q.read_ct + 1
    from best
    where q.msg_id = best.msg_id
    returning q.msg_id, q.read_ct::integer, q.message
    $query$,
    pgmq.format_table_name(p_queue, 'q')
  )
  using p_queue, p_lease_s
  loop
    insert into stream.turn as t (queue, owner, served_at)
    values (p_queue, payload ->> 'owner_id', clock_timestamp())
    on conflict on constraint turn_pk do update set served_at = excluded.served_at;
    return next;
  end loop;
end
$$;

comment on function stream.receive_fairly(text, integer) is
'Takes one message, as stream.receive does, but not the oldest: of the owners that have the fewest messages in work the
one that was served longest ago gets its turn, with its message of the highest priority. For datapunk_worker only.';
