create or replace function forge.write_artifact(
  p_job_id bigint, p_token bigint, p_version_id bigint, p_name text, p_media_type text, p_content bytea
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform forge.hold_job(p_job_id, p_token);
  insert into forge.artifact (version_id, name, media_type, sha256, content)
  values (p_version_id, p_name, p_media_type, forge.plain_sha256(p_content), p_content);
end
$$;

comment on function forge.write_artifact(bigint, bigint, bigint, text, text, bytea) is
'Stores a file of a version that is being written, plain or sealed by the worker. SQLSTATE 55000 when the token is
stale.';
