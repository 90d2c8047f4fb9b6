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
