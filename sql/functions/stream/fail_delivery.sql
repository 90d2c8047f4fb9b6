create or replace function stream.fail_delivery(
  p_delivery_id bigint, p_attempt integer, p_sqlstate text, p_error text, p_give_up boolean
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update stream.delivery as d
  set error_sqlstate = p_sqlstate, error = p_error, died_at = case when p_give_up then clock_timestamp() end
  where d.owner_id = (select ops.current_owner()) and d.id = p_delivery_id and d.attempts = p_attempt
    and d.died_at is null;
  return found;
end
$$;

comment on function stream.fail_delivery(bigint, integer, text, text, boolean) is
'Keeps why an attempt failed; with p_give_up the delivery becomes a dead letter. False when another attempt has begun.
For datapunk_worker only.';
