create or replace view api.imports
with (security_invoker = true)
as
select
  i.id as import_id,
  i.owner_id,
  i.filename,
  i.status,
  i.items_new,
  i.items_seen,
  i.rejects,
  i.by_kind,
  i.bytes,
  i.members_total,
  i.members_done,
  extract(epoch from i.finished_at - i.started_at)::double precision as seconds,
  i.started_at,
  i.finished_at,
  i.sha256,
  i.options,
  i.error
from lake.import as i;

comment on view api.imports is
'Runs of lake_import and lake_import_path.';
comment on column api.imports.import_id is 'Key of the run.';
comment on column api.imports.owner_id is 'Whose run it is.';
comment on column api.imports.filename is 'Name of the archive or file.';
comment on column api.imports.status is 'running, done, failed or cancelled.';
comment on column api.imports.items_new is 'Items added.';
comment on column api.imports.items_seen is 'Records read, new or known.';
comment on column api.imports.rejects is 'Records that could not be read.';
comment on column api.imports.by_kind is 'Items added per kind.';
comment on column api.imports.bytes is 'Bytes read.';
comment on column api.imports.members_total is 'Files in the archive.';
comment on column api.imports.members_done is 'Files finished so far.';
comment on column api.imports.seconds is 'How long it took.';
comment on column api.imports.started_at is 'When it started.';
comment on column api.imports.finished_at is 'When it ended.';
comment on column api.imports.sha256 is 'Hash of the file, in hex; null for a folder.';
comment on column api.imports.options is 'Options that it was given.';
comment on column api.imports.error is 'Why it failed.';
