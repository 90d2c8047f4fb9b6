create or replace function gaia.forbid_writes()
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  set local transaction_read_only = on;
  return true;
end
$$;

comment on function gaia.forbid_writes() is
'Makes what is left of the subtransaction read only, which nothing in it can take back; returns true. PL/Python runs
each statement in a subtransaction of its own: so this has to be part of the statement that is not to write.';
