create or replace function forge.retire_versions(p_version_ids bigint[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_compiled record;
begin
  update forge.version as v
  set retired_at = clock_timestamp()
  where v.owner_id = v_owner and v.id = any(p_version_ids) and v.retired_at is null;
  update forge.deployment as d
  set retired_at = clock_timestamp()
  where d.owner_id = v_owner and d.version_id = any(p_version_ids) and d.retired_at is null;
  for v_compiled in
    select c.version_id, p.oid, p.proname
    from forge.compiled as c
    join pg_proc as p on p.pronamespace = 'model_sql'::regnamespace and p.proname = c.name
    where c.owner_id = v_owner and c.version_id = any(p_version_ids)
  loop
    begin
      delete from forge.compiled as c where c.owner_id = v_owner and c.version_id = v_compiled.version_id;
    exception when dependent_objects_still_exist then
      -- A view that calls it must not keep data from being deleted.
      execute format(
        'create or replace function model_sql.%I(%s) returns %s language plpgsql immutable parallel safe '
        'security invoker as %L',
        v_compiled.proname, pg_get_function_arguments(v_compiled.oid), pg_get_function_result(v_compiled.oid),
        'begin perform ops.fail(''DP020'', ''the version that this was compiled from is retired'', '
        '''It learned from what was deleted. Train the model again and compile that version.''); end'
      );
    end;
  end loop;
end
$$;

comment on function forge.retire_versions(bigint[]) is
'Takes versions out of service: none answers, beside another one either, and what was compiled from them goes, or fails
with DP020 where something depends on it. For functions that run as datapunk_owner only.';
