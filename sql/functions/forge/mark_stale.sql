create or replace function forge.mark_stale(p_reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count integer;
begin
  update forge.version as v
  set stale_reason = p_reason
  where v.owner_id = ops.current_owner() and v.job_id is not null and v.stale_reason is null;
  get diagnostics v_count = row_count;
  delete from forge.feature_cache as c where c.owner_id = ops.current_owner();
  return v_count;
end
$$;

comment on function forge.mark_stale(text) is
'Marks all versions that the owner trained, because data that they may have learned from was deleted; returns how
many. What was kept of feature views is deleted. They go on answering until they are trained again or dropped.';
