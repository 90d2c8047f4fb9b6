create or replace function lake.lock_people()
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select pg_advisory_xact_lock(hashtextextended('lake.person:' || ops.current_owner(), 0));
$$;

comment on function lake.lock_people() is
'Waits until nobody else decides who is who for this owner, and keeps others waiting to the end of the transaction.';
