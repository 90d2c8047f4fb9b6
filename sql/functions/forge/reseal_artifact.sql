create or replace function forge.reseal_artifact(p_version_id bigint, p_name text, p_content bytea)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update forge.artifact as a
  set content = p_content
  where a.owner_id = ops.current_owner() and a.version_id = p_version_id and a.name = p_name
    and a.sha256 = forge.plain_sha256(p_content);
end
$$;

comment on function forge.reseal_artifact(bigint, text, bytea) is
'Replaces an artefact by the same content, sealed with another key or plain. For workers only.';
