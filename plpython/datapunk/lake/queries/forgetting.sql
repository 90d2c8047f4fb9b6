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

-- name: forget_rejects (uuid, text[])
delete from lake.reject as r
where r.owner_id = ops.current_owner() and ($1 is null or r.import_id = $1) and ($2 is null or r.source = any ($2));

-- name: deleted_rows ()
select d.relation, d.count from lake.deleted_rows() as d;

-- name: forget_conversations ()
select gaia.forget_conversations() as count;

-- name: forget_predictions ()
select forge.forget_predictions();

-- name: forget_corrections ()
delete from lake.person_correction as c
where c.owner_id = ops.current_owner();

-- name: forget_uploads ()
delete from lake.upload as u
where u.owner_id = ops.current_owner();

-- name: audit (text, jsonb)
select ops.audit_write($1, $2);
