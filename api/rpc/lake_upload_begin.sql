create or replace function api.lake_upload_begin(
  filename text,
  bytes bigint,
  options jsonb default '{}'
)
returns table (
  upload_id uuid,
  chunk_bytes integer,
  chunks integer,
  expires_at timestamptz
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.upload_begin(plpy, GD, filename, bytes, options)]
$$;

comment on function api.lake_upload_begin(text, bigint, jsonb) is
'Begins the upload of a file of so many bytes in chunks: for files that are too large for one request. Send each by
lake_upload_chunk, in any order, all of chunk_bytes but the last; then call lake_upload_finish. The view uploads tells
what is there. What is not finished by expires_at is thrown away.
Options: those of lake_import, and sha256 of the whole file in hex. Settings: datapunk.upload_max_bytes (of all uploads of
an owner that wait, default 20 GiB), datapunk.upload_chunk_bytes (default 8 MiB, at most 64 MiB), datapunk.upload_hours (24).
22023 bad option, name or size; DP011 beyond the limit.';
