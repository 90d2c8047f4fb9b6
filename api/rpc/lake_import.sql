create or replace function api.lake_import(
  content bytea,
  filename text,
  options jsonb default '{}'
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
return [entry.import_bytes(plpy, GD, content, filename, options)]
$$;

comment on function api.lake_import(bytea, text, jsonb) is
'Imports a Takeout archive (zip, tgz) or any single supported file, whole.
Options: source (read everything with this adapter), timezone (for times without a zone), language, dry_run (count only),
mapping (what the columns of tables or the keys of JSON mean: an object of kind, source, day_first, and the columns of
occurred_at, ended_at, title, body, url, external_id, language; what it leaves out is inferred).
Importing the same again adds 0 items. Positions and measurements count as items, in by_kind as position and measurement.
Each file of the archive is accounted for in the views imports, rejects, ignored. Files are read by a process of their own,
which may take datapunk.import_max_memory bytes (default 2 GiB); one that ends it is told as failed and the rest goes on.
22023 bad option or empty filename; DP002 that process cannot be started; DP010 damaged or of no known kind; DP011 unsafe
archive or beyond a limit (settings datapunk.import_max_bytes, import_max_members, import_max_ratio).';
