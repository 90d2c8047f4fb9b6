create or replace function api.lake_upload_finish(
  upload_id uuid
)
returns table (
  import_id uuid,
  status text,
  items_new bigint,
  items_seen bigint,
  rejects bigint,
  bytes bigint,
  seconds double precision,
  by_kind jsonb
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
set statement_timeout = '1h'
as $$
from datapunk.lake import entry
return [entry.upload_finish(plpy, GD, upload_id)]
$$;

comment on function api.lake_upload_finish(uuid) is
'Imports a file whose chunks are all there, as lake_import does, and lets the chunks go. Called again it returns the
same. The server needs room for the file in its folder for temporary files. A request may take an hour.
P0002 no such upload, or expired; DP002 chunks are missing (the message tells which); DP010 another SHA-256
than lake_upload_begin was told; otherwise as lake_import.';
