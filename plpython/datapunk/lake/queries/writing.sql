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
