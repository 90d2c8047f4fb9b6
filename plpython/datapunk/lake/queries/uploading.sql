-- name: upload_limits ()
select
  current_setting('datapunk.upload_max_bytes', true) as max_bytes,
  current_setting('datapunk.upload_chunk_bytes', true) as chunk_bytes,
  current_setting('datapunk.upload_hours', true) as hours;

-- name: uploads_expire ()
select lake.expire_uploads();

-- name: upload_lock_all ()
select pg_advisory_xact_lock(hashtextextended('lake.upload ' || ops.current_owner(), 0));

-- name: upload_open_bytes ()
select coalesce(sum(u.bytes), 0)::bigint as bytes
from lake.upload as u
where u.owner_id = ops.current_owner() and u.import_id is null;

-- name: upload_begin (text, bigint, integer, jsonb, text, bigint)
insert into lake.upload (filename, bytes, chunk_bytes, options, sha256, expires_at)
values ($1, $2, $3, $4, $5, ops.now() + make_interval(hours => $6::integer))
returning id as upload_id, expires_at;

-- name: upload_of (uuid)
select u.filename, u.bytes, u.chunk_bytes, u.options, u.sha256, u.import_id
from lake.upload as u
where u.owner_id = ops.current_owner() and u.id = $1 and (u.import_id is not null or u.expires_at > ops.now());

-- name: upload_hold (uuid)
select u.id
from lake.upload as u
where u.owner_id = ops.current_owner() and u.id = $1
for update;

-- name: upload_chunk_put (uuid, integer, bytea)
insert into lake.upload_chunk as c (upload_id, number, content)
values ($1, $2, $3)
on conflict (owner_id, upload_id, number) do update
set content = excluded.content
where c.content <> excluded.content;

-- name: upload_received (uuid)
select count(*) as chunks, coalesce(sum(length(c.content)), 0)::bigint as bytes
from lake.upload_chunk as c
where c.owner_id = ops.current_owner() and c.upload_id = $1;

-- name: upload_missing (uuid, integer)
select n.number
from generate_series(0, $2 - 1) as n (number)
where not exists (
  select
  from lake.upload_chunk as c
  where c.owner_id = ops.current_owner() and c.upload_id = $1 and c.number = n.number
)
order by n.number
limit 10;

-- name: upload_chunk_get (uuid, integer)
select c.content
from lake.upload_chunk as c
where c.owner_id = ops.current_owner() and c.upload_id = $1 and c.number = $2;

-- name: upload_finish (uuid, uuid)
with done as (
  update lake.upload as u
  set import_id = $2
  where u.owner_id = ops.current_owner() and u.id = $1
)
delete from lake.upload_chunk as c
where c.owner_id = ops.current_owner() and c.upload_id = $1;

-- name: upload_result (uuid)
select
  i.id as import_id, i.status, i.items_new, i.items_seen, i.rejects, i.bytes,
  extract(epoch from i.finished_at - i.started_at)::double precision as seconds, i.by_kind
from lake.import as i
where i.owner_id = ops.current_owner() and i.id = $1;
