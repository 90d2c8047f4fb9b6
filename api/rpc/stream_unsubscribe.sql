create or replace function api.stream_unsubscribe(subscription_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select stream.unsubscribe(subscription_id);
$$;

comment on function api.stream_unsubscribe(bigint) is
'Ends a subscription of the owner; messages that wait for it and its dead letters go with it.
False when there is none.';
