create or replace function lake.hold_sensitivity()
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select pg_advisory_xact_lock_shared(hashtextextended('lake.sensitivity ' || ops.current_owner(), 0));
$$;

comment on function lake.hold_sensitivity() is
'Keeps api.lake_classify waiting until this transaction, which adds items, has ended, so that no item gets an old
sensitivity.';
