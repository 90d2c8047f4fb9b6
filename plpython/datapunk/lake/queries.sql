-- name: import_start (text, jsonb)
insert into lake.import (filename, options)
values ($1, $2)
returning id;

-- name: interruption_point ()
select;

-- name: import_finish (uuid, text, bigint, bigint, bigint, bigint, jsonb, bigint)
update lake.import
set status = 'done', sha256 = $2, bytes = $3, items_new = $4, items_seen = $5, rejects = $6, by_kind = $7,
    members_total = $8, members_done = $8, finished_at = clock_timestamp()
where owner_id = ops.current_owner() and id = $1;

-- name: names_collect ()
select gaia.collect_names();

-- name: people_resolve ()
select lake.resolve();

-- name: import_file_insert (uuid, text, text, text, text, text, text, text, text, text, text, text)
insert into lake.import_file
  (import_id, member, bytes, source, adapter_version, status, items_seen, items_new, rejects, reason)
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
  string_to_array($12, $2, $3)
) as f;

-- name: item_insert (uuid, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, text)
with found as materialized (
  select *
  from unnest(
    string_to_array($4, $2, $3)::integer[],
    string_to_array($5, $2, $3),
    string_to_array($6, $2, $3),
    string_to_array($7, $2, $3),
    string_to_array($8, $2, $3)::timestamptz[],
    string_to_array($9, $2, $3)::timestamptz[],
    string_to_array($10, $2, $3),
    string_to_array($11, $2, $3),
    string_to_array($12, $2, $3),
    string_to_array($13, $2, $3),
    string_to_array($14, $2, $3),
    string_to_array($15, $2, $3)::jsonb[],
    string_to_array($16, $2, $3)::bytea[],
    string_to_array($17, $2, $3)
  ) as r (
    file, kind, source, external_id, occurred_at, ended_at, precision, zone_source, title, body, url, attributes,
    content_hash, language
  )
), new_item as (
  insert into lake.item
    (owner_id, import_id, kind, source, external_id, occurred_at, ended_at, precision, zone_source, title, body, url,
     attributes, content_hash, language)
  select
    (select ops.current_owner()), $1, f.kind, f.source, f.external_id, f.occurred_at, f.ended_at, f.precision,
    f.zone_source, f.title, f.body, f.url, f.attributes, f.content_hash, f.language
  from found as f
  on conflict (owner_id, content_hash) do nothing
  returning content_hash
)
select f.kind, f.file, count(*) as count
from new_item as n
join found as f on f.content_hash = n.content_hash
group by f.kind, f.file;

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

-- name: reject_insert (uuid, text, text, text, text, text, text, text, text, text)
insert into lake.reject (import_id, member, ordinal, byte_offset, source, adapter_version, reason, sample)
select $1, r.*
from unnest(
  string_to_array($4, $2, $3),
  string_to_array($5, $2, $3)::bigint[],
  string_to_array($6, $2, $3)::bigint[],
  string_to_array($7, $2, $3),
  string_to_array($8, $2, $3),
  string_to_array($9, $2, $3),
  string_to_array($10, $2, $3)::bytea[]
) as r;

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

-- name: forget_models (text)
select forge.mark_stale($1) as count;

-- name: forget_delete (bigint[])
delete from lake.item as i
where i.owner_id = ops.current_owner() and i.id = any ($1);

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

-- name: forget_rejects (uuid)
delete from lake.reject as r
where r.owner_id = ops.current_owner() and ($1 is null or r.import_id = $1);

-- name: forget_corrections ()
delete from lake.person_correction as c
where c.owner_id = ops.current_owner();

-- name: audit (text, jsonb)
select ops.audit_write($1, $2);
