create or replace function forge.version_of(p_model text, p_version integer)
returns forge.version
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version constant forge.version := forge.find_version(p_model, p_version);
begin
  if v_version.retired_at is not null then
    perform ops.fail(
      'DP020', format('version %s of "%s" is retired: %s', v_version.version, p_model, v_version.stale_reason),
      'It learned from what was deleted. Train the model again, or have the version answer all the same: '
      'forge_deploy with {"retired": true}.'
    );
  end if;
  return v_version;
end
$$;

comment on function forge.version_of(text, integer) is
'A version of a model that may answer, by its number; the one that answers now where that is null. SQLSTATE DP020, also
for a version that a deletion has retired.';
