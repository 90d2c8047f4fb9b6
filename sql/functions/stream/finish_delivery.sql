create or replace function stream.finish_delivery(p_delivery_id bigint, p_attempt integer)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from stream.delivery as d
  where d.owner_id = (select ops.current_owner()) and d.id = p_delivery_id and d.attempts = p_attempt
    and d.died_at is null;
  return found;
end
$$;

comment on function stream.finish_delivery(bigint, integer) is
'Removes a delivery in the transaction of its handler, before that is called: the lock keeps other workers off, and a
handler that fails brings the row back. False when another attempt has begun. For datapunk_worker only.';
