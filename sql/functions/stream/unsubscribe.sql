create or replace function stream.unsubscribe(p_subscription_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from stream.subscription as s where s.owner_id = (select ops.current_owner()) and s.id = p_subscription_id;
  return found;
end
$$;

comment on function stream.unsubscribe(bigint) is
'Ends a subscription of the current owner, with what is on its way to it; false when there is none.';
