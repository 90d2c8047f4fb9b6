create or replace view api.rejects
with (security_invoker = true)
as
select
  i.id as reject_id,
  i.owner_id,
  i.import_id,
  i.member,
  i.ordinal,
  i.byte_offset,
  i.source,
  i.adapter_version,
  i.reason,
  encode(substr(i.sample, 1, 1000), 'escape') as sample,
  i.created_at,
  i.whole as retriable,
  i.retried_at
from lake.reject as i;

comment on view api.rejects is
'Records that could not be read, with the reason; the import went on without them.';
comment on column api.rejects.reject_id is 'Key of the reject.';
comment on column api.rejects.owner_id is 'Whose record it was.';
comment on column api.rejects.import_id is 'Run that met it; null for a live record.';
comment on column api.rejects.member is 'File inside the archive.';
comment on column api.rejects.ordinal is 'Position among the records of its file, from 0.';
comment on column api.rejects.byte_offset is
'Position in the file in bytes; where the record''s own is not known, that of the piece (8 to 64 KiB) that it ends in.';
comment on column api.rejects.source is 'Adapter that met it.';
comment on column api.rejects.adapter_version is 'Version of that adapter.';
comment on column api.rejects.reason is 'Why it could not be read.';
comment on column api.rejects.sample is 'Its first 1,000 bytes; what is not ASCII is escaped.';
comment on column api.rejects.created_at is 'When it was met.';
comment on column api.rejects.retriable is
'Whether lake_retry can read it again; otherwise its file has to be imported again.';
comment on column api.rejects.retried_at is 'When lake_retry read it again without success.';
