create or replace function gaia.heartbeat_task(p_task_id bigint, p_token bigint, p_lease_s integer)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cancel boolean;
begin
  update gaia.task as t
  set lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
  where t.owner_id = ops.current_owner() and t.id = p_task_id and t.fencing_token = p_token and t.status = 'running'
  returning t.cancel_requested into v_cancel;
  return case when v_cancel is null then 'lost' when v_cancel then 'cancel' else 'go' end;
end
$$;

comment on function gaia.heartbeat_task(bigint, bigint, integer) is
'Renews the lease of a question''s holder; returns go, cancel (its owner asks for that) or lost (the token is stale).
For datapunk_worker only.';
