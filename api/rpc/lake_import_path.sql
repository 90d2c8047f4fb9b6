create or replace function api.lake_import_path(
  path text,
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
return [entry.import_path(plpy, GD, path, options)]
$$;

comment on function api.lake_import_path(text, jsonb) is
'Imports a file or folder that lies on the server, below a folder that `alter database ... set datapunk.import_dirs`
names; links are resolved first. A database made by `datapunk up` allows the folder imports of its state folder
(`datapunk doctor` shows it); what lies there must be readable for the server''s account. For the role datapunk_importer. Options and result as lake_import.
42501 outside of those folders or unreadable; P0002 no such file; 22023 bad option or relative path; DP010, DP011 as
lake_import.';
