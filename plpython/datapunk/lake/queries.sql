-- name: import_start (text, text, jsonb)
insert into lake.import (filename, sha256, options)
values ($1, $2, $3)
returning id;

-- name: import_progress (uuid, bigint, bigint)
update lake.import
set bytes = $2, members_done = $3
where owner_id = ops.current_owner() and id = $1;

-- name: import_finish (uuid, bigint, bigint, bigint, bigint, jsonb, bigint)
update lake.import
set status = 'done', bytes = $2, items_new = $3, items_seen = $4, rejects = $5, by_kind = $6, members_total = $7,
    members_done = $7, finished_at = clock_timestamp()
where owner_id = ops.current_owner() and id = $1;

-- name: names_collect ()
select gaia.collect_names();

-- name: import_file_insert (uuid, text[], bigint[], text[], text[], text[], bigint[], bigint[], bigint[], text[])
insert into lake.import_file
  (import_id, member, bytes, source, adapter_version, status, items_seen, items_new, rejects, reason)
select $1, f.*
from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) as f;

-- name: item_insert (uuid, text[], text[], text[], timestamptz[], timestamptz[], text[], text[], text[], text[], text[], jsonb[], bytea[], text[])
with new_item as (
  insert into lake.item
    (owner_id, import_id, kind, source, external_id, occurred_at, ended_at, precision, zone_source, title, body, url,
     attributes, content_hash, language)
  select (select ops.current_owner()), $1, r.*
  from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as r
  on conflict (owner_id, content_hash) do nothing
  returning kind, content_hash
)
select n.kind, array_agg(n.content_hash) as hashes
from new_item as n
group by n.kind;

-- name: reject_insert (uuid, text[], bigint[], bigint[], text[], text[], text[], bytea[])
insert into lake.reject (import_id, member, ordinal, byte_offset, source, adapter_version, reason, sample)
select $1, r.*
from unnest($2, $3, $4, $5, $6, $7, $8) as r;

-- name: import_dirs ()
select lake.import_dirs() as import_dirs;

-- name: limits ()
select
  current_setting('datapunk.import_max_bytes', true) as max_bytes,
  current_setting('datapunk.import_max_members', true) as max_members,
  current_setting('datapunk.import_max_ratio', true) as max_ratio;

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

-- name: audit (text, jsonb)
select ops.audit_write($1, $2);
