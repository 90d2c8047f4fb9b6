create or replace view api.uploads
with (security_invoker = true)
as
select
  u.id as upload_id,
  u.owner_id,
  u.filename,
  u.bytes,
  u.chunk_bytes,
  ceil(u.bytes::numeric / u.chunk_bytes)::integer as chunks,
  c.received,
  c.numbers,
  u.created_at,
  u.expires_at,
  u.import_id
from lake.upload as u
cross join lateral (
  select count(*)::integer as received, coalesce(array_agg(k.number order by k.number), '{}') as numbers
  from lake.upload_chunk as k
  where k.owner_id = u.owner_id and k.upload_id = u.id
) as c
where u.import_id is not null or u.expires_at > ops.now();

comment on view api.uploads is
'Files that come in chunks: to go on after a break, send the chunks that are not in numbers.';
comment on column api.uploads.upload_id is 'Key of the upload.';
comment on column api.uploads.owner_id is 'Whose file it is.';
comment on column api.uploads.filename is 'Name of the file.';
comment on column api.uploads.bytes is 'Its size.';
comment on column api.uploads.chunk_bytes is 'Size of each chunk but the last.';
comment on column api.uploads.chunks is 'How many there are.';
comment on column api.uploads.received is 'How many have come; 0 when it is finished.';
comment on column api.uploads.numbers is 'Which of them.';
comment on column api.uploads.created_at is 'When it was begun.';
comment on column api.uploads.expires_at is 'When it is thrown away unless it was finished.';
comment on column api.uploads.import_id is 'The import of the finished upload.';
