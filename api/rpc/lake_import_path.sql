create or replace function api.lake_import_path(
  path text,
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
return entry.import_path(plpy, GD, path, options)
$$;

comment on function api.lake_import_path(text, jsonb) is
'Imports a file or folder that lies on the server, below a folder that `alter database ... set datapunk.import_dirs`
names; links are resolved first. For the role datapunk_importer. Options and result as lake_import.
42501 outside of those folders or unreadable; P0002 no such file; 22023 bad option or relative path; DP010, DP011 as
lake_import.';
