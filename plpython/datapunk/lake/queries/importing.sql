-- name: import_start (text, jsonb, text)
insert into lake.import (filename, options, fingerprint, started_at)
values ($1, $2, $3, clock_timestamp())
returning id;

-- name: import_lock (text)
select pg_try_advisory_lock(hashtextextended('lake.import ' || ops.current_owner() || ' ' || $1, 0)) as locked;

-- name: import_exists (uuid)
select exists (select from lake.import as i where i.owner_id = ops.current_owner() and i.id = $1) as found;

-- name: import_hold ()
select pg_advisory_xact_lock(hashtextextended('lake.import ' || ops.current_owner(), 0));

-- name: import_unlock (text)
select pg_advisory_unlock(hashtextextended('lake.import ' || ops.current_owner() || ' ' || $1, 0));

-- name: import_resume (text, jsonb)
update lake.import as i
set status = 'running', error = null, finished_at = null
from (
  select p.id
  from lake.import as p
  where p.owner_id = ops.current_owner() and p.fingerprint = $1 and p.options = $2 and p.status <> 'done'
  order by p.started_at desc
  limit 1
) as latest
where i.owner_id = ops.current_owner() and i.id = latest.id
returning
  i.id, i.by_kind, i.bytes, i.items_seen, i.rejects, i.members_done,
  (
    select coalesce(max(f.ordinal) + 1, 0)
    from lake.import_file as f
    where f.owner_id = i.owner_id and f.import_id = i.id
  ) as next_ordinal,
  (
    select coalesce(sum(f.items_new), 0)::bigint
    from lake.import_file as f
    where f.owner_id = i.owner_id and f.import_id = i.id
  ) as accounted;

-- name: sightings_undo (uuid, integer)
delete from lake.sighting as s
where s.owner_id = ops.current_owner() and s.import_id = $1 and s.file >= $2;

-- name: rejects_undo (uuid)
delete from lake.reject as r
where r.owner_id = ops.current_owner() and r.import_id = $1 and not exists (
  select
  from lake.import_file as f
  where f.owner_id = r.owner_id and f.import_id = r.import_id and f.member = r.member
);

-- name: import_progress (uuid, bigint, bigint, bigint, bigint, jsonb, bigint, bigint, bigint)
with advanced as (
  update lake.import
  set bytes = $2, items_new = $3, items_seen = $4, rejects = $5, by_kind = $6, members_done = $7
  where owner_id = ops.current_owner() and id = $1
  returning id, items_new
)
select pg_notify(
  'datapunk_import',
  json_build_object('import_id', a.id, 'items_new', a.items_new, 'bytes', $8::bigint, 'bytes_total', $9::bigint)::text
)
from advanced as a;

-- name: import_end (uuid, text, text)
update lake.import
set status = $2, error = $3, finished_at = clock_timestamp()
where owner_id = ops.current_owner() and id = $1;

-- name: hold_sensitivity ()
select lake.hold_sensitivity();

-- name: interruption_point ()
select;

-- name: import_finish (uuid, text, bigint, bigint, bigint, bigint, jsonb, bigint)
update lake.import
set status = 'done', sha256 = $2, bytes = $3, items_new = $4, items_seen = $5, rejects = $6, by_kind = $7,
    members_total = $8, members_done = $8, finished_at = clock_timestamp()
where owner_id = ops.current_owner() and id = $1;

-- name: index_batch ()
select cortex.index_batch(true) as items;

-- name: index_at_once ()
set local datapunk.indexing = 'at_once';

-- name: index_as_set ()
set local datapunk.indexing = '';

-- name: names_leave ()
select cortex.enqueue_indexing('names')
where cortex.is_tended();

-- name: names_collect ()
select gaia.collect_names();

-- name: people_resolve ()
select lake.resolve();

-- name: request_headers ()
select
  h.headers ->> 'content-disposition' as disposition, h.headers ->> 'datapunk-options' as options,
  h.headers ->> 'datapunk-upload' as upload, h.headers ->> 'datapunk-chunk' as chunk,
  h.headers ->> 'datapunk-sha256' as sha256
from (select nullif(current_setting('request.headers', true), '')::json as headers) as h;

-- name: import_dirs ()
select lake.import_dirs() as import_dirs;

-- name: limits ()
select
  current_setting('datapunk.import_max_bytes', true) as max_bytes,
  current_setting('datapunk.import_max_members', true) as max_members,
  current_setting('datapunk.import_max_ratio', true) as max_ratio,
  current_setting('datapunk.import_max_memory', true) as max_memory;

-- name: sensitivities ()
select s.kind, s.sensitivity from lake.sensitivities() as s order by s.kind;
