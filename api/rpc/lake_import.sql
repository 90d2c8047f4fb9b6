create or replace function api.lake_import(
  content bytea,
  filename text,
  options jsonb default '{}',
  out import_id uuid,
  out status text,
  out items_new bigint,
  out items_seen bigint,
  out rejects bigint,
  out bytes bigint,
  out seconds double precision,
  out by_kind jsonb
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return entry.import_bytes(plpy, GD, content, filename, options)
$$;

comment on function api.lake_import(bytea, text, jsonb) is
'Imports a Takeout archive (zip, tgz) or any single supported file, whole.
Options: source (read everything with this adapter), timezone (for times without a zone), language, dry_run (count only).
Importing the same again adds 0 items. Each file of the archive is accounted for in the views imports, rejects, ignored.
22023 bad option or empty filename; DP010 damaged or of no known kind; DP011 unsafe archive or beyond a limit
(settings datapunk.import_max_bytes, import_max_members, import_max_ratio).';
