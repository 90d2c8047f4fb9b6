create or replace function cortex.newer_message(p_message_id bigint, p_seconds integer)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from pgmq.q_embedding as q
    where q.msg_id > p_message_id and q.message ->> 'owner_id' = ops.current_owner()
      and q.vt <= clock_timestamp() + make_interval(secs => p_seconds)
  );
end
$$;

comment on function cortex.newer_message(bigint, integer) is
'Whether a later message for the current owner''s embeddings comes within p_seconds: then this one need not come back.
For datapunk_worker only.';
