create or replace function api.lake_retry(
  options jsonb default '{}'
)
returns table (
  import_id uuid,
  filename text,
  member text,
  source text,
  rejects bigint,
  items_new bigint,
  items_seen bigint,
  still_rejected bigint,
  not_kept bigint,
  hint text
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return entry.retry_rejects(plpy, GD, options)
$$;

comment on function api.lake_retry(jsonb) is
'Reads rejects again, as after an adapter was mended: one row per file with what became of its rejects. What is read
becomes items of the import that met it, with the zone and language of that import, and leaves the view rejects; what
still cannot be read stays there. Called again it finds only those.
not_kept counts records of which not all that is needed was kept (the first 64 KiB are, or the record makes sense only
with others of its file); hint says to import the file again.
Options, all of which must be met: reject_ids (array), import_id, source (one or an array), member, reason (part of it),
limit (how many at most). Each 256 rejects of one import and source start a process, as an import does.
22023 bad option; DP002 that process cannot be started.';
