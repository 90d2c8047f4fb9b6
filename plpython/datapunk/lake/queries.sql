-- name: import_start (text, jsonb, text)
insert into lake.import (filename, options, fingerprint, started_at)
values ($1, $2, $3, clock_timestamp())
returning id;

-- name: import_lock (text)
select pg_try_advisory_lock(hashtextextended('lake.import ' || ops.current_owner() || ' ' || $1, 0)) as locked;

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

-- name: import_progress (uuid, bigint, bigint, bigint, bigint, jsonb, bigint)
with advanced as (
  update lake.import
  set bytes = $2, items_new = $3, items_seen = $4, rejects = $5, by_kind = $6, members_done = $7
  where owner_id = ops.current_owner() and id = $1
  returning id, items_new
)
select pg_notify('datapunk_import', json_build_object('import_id', a.id, 'items_new', a.items_new)::text)
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

-- name: import_file_insert (uuid, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text)
insert into lake.import_file
  (import_id, member, bytes, source, adapter_version, status, items_seen, items_new, rejects, reason, ordinal,
   exported_at, listing, lists_all)
select $1, f.*
from unnest(
  string_to_array($4, $2, $3),
  string_to_array($5, $2, $3)::bigint[],
  string_to_array($6, $2, $3),
  string_to_array($7, $2, $3),
  string_to_array($8, $2, $3),
  string_to_array($9, $2, $3)::bigint[],
  string_to_array($10, $2, $3)::bigint[],
  string_to_array($11, $2, $3)::bigint[],
  string_to_array($12, $2, $3),
  string_to_array($13, $2, $3)::integer[],
  string_to_array($14, $2, $3)::timestamptz[],
  string_to_array($15, $2, $3),
  string_to_array($16, $2, $3)::boolean[]
) as f;

-- name: contents_insert (uuid, text, text, text, text, text, text, text)
insert into lake.contents (import_id, folder, product, exported_at, files, failed)
select
  $1, c.folder, c.product, c.exported_at, array(select jsonb_array_elements_text(c.files)),
  array(select jsonb_array_elements_text(c.failed))
from unnest(
  string_to_array($4, $2, $3),
  string_to_array($5, $2, $3),
  string_to_array($6, $2, $3)::timestamptz[],
  string_to_array($7, $2, $3)::jsonb[],
  string_to_array($8, $2, $3)::jsonb[]
) as c (folder, product, exported_at, files, failed)
on conflict (owner_id, import_id, folder) do update
set product = excluded.product, exported_at = excluded.exported_at, files = excluded.files, failed = excluded.failed;

-- name: listings_settle (uuid)
select lake.settle_listings($1);

-- name: item_insert (uuid, text, text, text[], integer)
select w.added, w.digests from lake.write_items($1, $2, $3, $4, $5) as w;

-- name: zone_candidate_insert (uuid, text, text, text, text, text, text)
insert into lake.zone_candidate (import_id, content_hash, shift_minutes, candidate_hash, zone)
select $1, r.*
from unnest(
  string_to_array($4, $2, $3)::bytea[],
  string_to_array($5, $2, $3)::integer[],
  string_to_array($6, $2, $3)::bytea[],
  string_to_array($7, $2, $3)
) as r
on conflict (owner_id, content_hash, shift_minutes) do nothing;

-- name: zones_settle (uuid)
select s.kind, s.count from lake.settle_zones($1) as s;

-- name: position_insert (uuid, text, text, text, text, text, text, text, text, text, text)
with found as materialized (
  select
    min(r.file) as file, r.occurred_at, r.latitude, r.longitude, max(coalesce(r.device, '')) as device,
    max(r.source) as source, min(r.accuracy_m) as accuracy_m, max(r.altitude_m) as altitude_m
  from unnest(
    string_to_array($4, $2, $3)::integer[],
    string_to_array($5, $2, $3)::timestamptz[],
    string_to_array($6, $2, $3)::double precision[],
    string_to_array($7, $2, $3)::double precision[],
    string_to_array($8, $2, $3),
    string_to_array($9, $2, $3),
    string_to_array($10, $2, $3)::real[],
    string_to_array($11, $2, $3)::real[]
  ) as r (file, occurred_at, latitude, longitude, device, source, accuracy_m, altitude_m)
  group by r.occurred_at, r.latitude, r.longitude
), new_position as (
  insert into lake.position as p
    (owner_id, import_id, occurred_at, latitude, longitude, device, source, accuracy_m, altitude_m)
  select
    (select ops.current_owner()), $1, f.occurred_at, f.latitude, f.longitude, f.device, f.source, f.accuracy_m,
    f.altitude_m
  from found as f
  on conflict (owner_id, occurred_at, latitude, longitude) do update
  -- Whichever file comes first, the row ends up the same.
  set device = greatest(p.device, excluded.device), source = greatest(p.source, excluded.source),
    accuracy_m = least(p.accuracy_m, excluded.accuracy_m), altitude_m = greatest(p.altitude_m, excluded.altitude_m)
  where (p.device, p.source, p.accuracy_m, p.altitude_m) is distinct from (
    greatest(p.device, excluded.device), greatest(p.source, excluded.source),
    least(p.accuracy_m, excluded.accuracy_m), greatest(p.altitude_m, excluded.altitude_m)
  )
  returning occurred_at, latitude, longitude, xmax = 0 as is_new
)
select 'position' as kind, f.file, count(*) as count
from new_position as n
join found as f on f.occurred_at = n.occurred_at and f.latitude = n.latitude and f.longitude = n.longitude
where n.is_new
group by f.file;

-- name: measurement_insert (uuid, text, text, text, text, text, text, text, text, text)
with found as materialized (
  select distinct on (r.metric, r.starts_at, r.source)
    r.file, r.metric, r.starts_at, r.ends_at, r.value, coalesce(r.unit, '') as unit, r.source
  from unnest(
    string_to_array($4, $2, $3)::integer[],
    string_to_array($5, $2, $3),
    string_to_array($6, $2, $3)::timestamptz[],
    string_to_array($7, $2, $3)::timestamptz[],
    string_to_array($8, $2, $3)::double precision[],
    string_to_array($9, $2, $3),
    string_to_array($10, $2, $3)
  ) as r (file, metric, starts_at, ends_at, value, unit, source)
  order by r.metric, r.starts_at, r.source, r.file
), new_measurement as (
  insert into lake.measurement (owner_id, import_id, metric, starts_at, ends_at, value, unit, source)
  select (select ops.current_owner()), $1, f.metric, f.starts_at, f.ends_at, f.value, f.unit, f.source
  from found as f
  on conflict (owner_id, metric, starts_at, source) do nothing
  returning metric, starts_at, source
)
select 'measurement' as kind, f.file, count(*) as count
from new_measurement as n
join found as f on f.metric = n.metric and f.starts_at = n.starts_at and f.source = n.source
group by f.file;

-- name: reject_insert (uuid, text, text, text, text, text, text, text, text, text, text)
insert into lake.reject (import_id, member, ordinal, byte_offset, source, adapter_version, reason, sample, whole)
select $1, r.*
from unnest(
  string_to_array($4, $2, $3),
  string_to_array($5, $2, $3)::bigint[],
  string_to_array($6, $2, $3)::bigint[],
  string_to_array($7, $2, $3),
  string_to_array($8, $2, $3),
  string_to_array($9, $2, $3),
  string_to_array($10, $2, $3)::bytea[],
  string_to_array($11, $2, $3)::boolean[]
) as r;

-- name: sighting_insert (uuid, text, text, text, text, text)
insert into lake.sighting (import_id, file, first, digests)
select $1, r.*
from unnest(
  string_to_array($4, $2, $3)::integer[],
  string_to_array($5, $2, $3)::bigint[],
  string_to_array($6, $2, $3)::bytea[]
) as r;

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

-- name: forget_find (bigint[], text[], text[], uuid, timestamptz, timestamptz)
select array_agg(i.id order by i.id) as ids
from lake.item as i
where i.owner_id = ops.current_owner()
  and ($1 is null or i.id = any ($1))
  and ($2 is null or i.source = any ($2))
  and ($3 is null or i.kind = any ($3))
  and ($4 is null or i.import_id = $4)
  and ($5 is null or i.occurred_at >= $5)
  and ($6 is null or i.occurred_at < $6);

-- name: forget_chunks (bigint[])
select count(*) as count
from cortex.chunk as c
where c.owner_id = ops.current_owner() and c.item_id = any ($1);

-- name: forget_answers (bigint[])
select gaia.forget_items($1) as count;

-- name: forget_kinds (bigint[])
select coalesce(jsonb_agg(to_jsonb(g)), '[]') as gone
from (
  select
    'lake.item' as relation, i.kind, i.source,
    case when bool_and(i.occurred_at is not null) then min(i.occurred_at) end as since,
    case when bool_and(i.occurred_at is not null) then max(i.occurred_at) end as until
  from lake.item as i
  where i.owner_id = ops.current_owner() and i.id = any ($1)
  group by i.kind, i.source
) as g;

-- name: forget_models (text, jsonb)
select forge.mark_stale($1, $2) as count;

-- name: forget_delete (bigint[])
delete from lake.item as i
where i.owner_id = ops.current_owner() and i.id = any ($1);

-- name: forget_zones ()
delete from lake.zone_candidate as z
where z.owner_id = ops.current_owner() and not exists (
  select
  from lake.zone_candidate as o
  join lake.item as i on i.owner_id = o.owner_id and i.content_hash in (o.content_hash, o.candidate_hash)
  where o.owner_id = z.owner_id and o.content_hash = z.content_hash
    and (o.chosen or i.content_hash = o.content_hash)
);

-- name: forget_positions (text[], uuid, timestamptz, timestamptz)
delete from lake.position as p
where p.owner_id = ops.current_owner()
  and ($1 is null or p.source = any ($1))
  and ($2 is null or p.import_id = $2)
  and ($3 is null or p.occurred_at >= $3)
  and ($4 is null or p.occurred_at < $4);

-- name: forget_measurements (text[], uuid, timestamptz, timestamptz)
delete from lake.measurement as m
where m.owner_id = ops.current_owner()
  and ($1 is null or m.source = any ($1))
  and ($2 is null or m.import_id = $2)
  and ($3 is null or m.starts_at >= $3)
  and ($4 is null or m.starts_at < $4);

-- name: forget_imports (uuid)
delete from lake.import as i
where i.owner_id = ops.current_owner() and ($1 is null or i.id = $1);

-- name: forget_listings ()
select lake.settle_listings(null);

-- name: forget_rejects (uuid)
delete from lake.reject as r
where r.owner_id = ops.current_owner() and ($1 is null or r.import_id = $1);

-- name: forget_corrections ()
delete from lake.person_correction as c
where c.owner_id = ops.current_owner();

-- name: audit (text, jsonb)
select ops.audit_write($1, $2);

-- name: sensitivities ()
select s.kind, s.sensitivity from lake.sensitivities() as s order by s.kind;

-- name: retry_find (bigint[], uuid, text[], text, text, bigint)
select
  r.import_id, i.filename, i.options ->> 'timezone' as timezone, i.options ->> 'language' as language,
  i.options ->> 'mapping' as mapping, r.source,
  r.member, array_agg(r.id order by r.id) filter (where r.whole) as ids, count(*) as rejects,
  count(*) filter (where not r.whole) as not_kept
from (
  select o.id, o.owner_id, o.import_id, o.source, o.member, o.whole
  from lake.reject as o
  where o.owner_id = ops.current_owner()
    and ($1 is null or o.id = any ($1))
    and ($2 is null or o.import_id = $2)
    and ($3 is null or o.source = any ($3))
    and ($4 is null or o.member = $4)
    and ($5 is null or position(lower($5) in lower(o.reason)) > 0)
  order by o.id
  limit $6
) as r
left join lake.import as i on i.owner_id = r.owner_id and i.id = r.import_id
group by r.import_id, i.filename, i.options, r.source, r.member
order by min(r.id);

-- name: retry_samples (bigint[])
select
  r.id, r.member, r.sample,
  (
    select min(f.ordinal)
    from lake.import_file as f
    where f.owner_id = r.owner_id and f.import_id = r.import_id and f.member = r.member
  ) as file
from lake.reject as r
where r.owner_id = ops.current_owner() and r.id = any ($1)
order by r.id
for update of r;

-- name: retry_sightings (uuid, text, text, text, text, text, integer[])
insert into lake.sighting (import_id, file, first, digests)
select
  $1, g.file,
  coalesce((
    select max(s.first + length(s.digests) / 8)
    from lake.sighting as s
    where s.owner_id = ops.current_owner() and s.import_id = $1 and s.file = g.file
  ), 0),
  g.digests
from (
  select m.file, string_agg(r.digests, ''::bytea order by r.sample) as digests
  from unnest(
    string_to_array($4, $2, $3)::integer[],
    string_to_array($5, $2, $3)::bigint[],
    string_to_array($6, $2, $3)::bytea[]
  ) as r (sample, first, digests)
  join unnest($7) with ordinality as m (file, number) on m.number = r.sample + 1
  where m.file is not null
  group by m.file
) as g;

-- name: retry_resolved (bigint[])
delete from lake.reject as r
where r.owner_id = ops.current_owner() and r.id = any ($1);

-- name: retry_failed (bigint[], text)
update lake.reject as r
set retried_at = ops.now(), adapter_version = coalesce($2, r.adapter_version)
where r.owner_id = ops.current_owner() and r.id = any ($1);

-- name: retry_file (uuid, text, bigint, bigint, bigint)
update lake.import_file as f
set
  rejects = f.rejects - $3, items_seen = f.items_seen + $4, items_new = f.items_new + $5,
  reason = nullif(ltrim(
    case when f.rejects > $3 then f.reason
      else regexp_replace(f.reason, '(; )?alarm: (\d+ of \d+ records could not be read|recognised as [^;]*)', '', 'g')
    end, '; '
  ), '')
where f.owner_id = ops.current_owner() and f.import_id = $1 and f.member = $2
  and f.ordinal is not distinct from (
    select min(o.ordinal)
    from lake.import_file as o
    where o.owner_id = f.owner_id and o.import_id = f.import_id and o.member = f.member
  );

-- name: retry_import (uuid, bigint, bigint, bigint, jsonb)
update lake.import as i
set
  rejects = i.rejects - $2, items_seen = i.items_seen + $3, items_new = i.items_new + $4,
  by_kind = (
    select coalesce(jsonb_object_agg(k.kind, k.count), '{}')
    from (
      select e.key as kind, sum(e.value::bigint) as count
      from (select * from jsonb_each_text(i.by_kind) union all select * from jsonb_each_text($5)) as e
      group by e.key
    ) as k
  )
where i.owner_id = ops.current_owner() and i.id = $1;

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

-- name: forget_uploads ()
delete from lake.upload as u
where u.owner_id = ops.current_owner();
