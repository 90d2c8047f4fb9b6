create or replace function api.lake_upload(
  bytea
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
as $$
from datapunk.lake import entry
return [entry.upload(plpy, GD, args[0])]
$$;

comment on function api.lake_upload(bytea) is
'Imports the body of an HTTP request as it is (Content-Type: application/octet-stream). The header Content-Disposition
names the file, as in `attachment; filename="takeout-001.zip"`; the header Datapunk-Options takes the options of
lake_import as JSON. Result and errors are those of lake_import; 22023 without a file name.';
