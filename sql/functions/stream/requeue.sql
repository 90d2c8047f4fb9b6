create or replace function stream.requeue(p_delivery_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
begin
  update stream.delivery as d
  set attempts = 0, error_sqlstate = null, error = null, died_at = null
  where d.owner_id = v_owner and d.id = p_delivery_id and d.died_at is not null;
  if not found then
    return false;
  end if;
  perform stream.send('delivery', jsonb_build_object('owner_id', v_owner, 'delivery_id', p_delivery_id));
  return true;
end
$$;

comment on function stream.requeue(bigint) is
'Delivers a dead letter of the current owner again, with as many attempts as a new message has.
False when there is none.';
