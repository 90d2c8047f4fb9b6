create or replace function cortex.forget_recall()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
begin
  delete from cortex.recall as r where r.owner_id = v_owner;
  update cortex.generation as g
  set report = g.report - ('recall ' || left(md5(v_owner), 8))
  where g.report ? ('recall ' || left(md5(v_owner), 8));
end
$$;

comment on function cortex.forget_recall() is
'Takes back what was measured of the vector index for the current owner, who has no texts any more; ops_health would go
on warning of it. SECURITY DEFINER because people write no generations.';
