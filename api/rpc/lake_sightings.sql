create or replace function api.lake_sightings(
  item_id bigint
)
returns table (
  import_id uuid,
  filename text,
  member text,
  ordinal bigint,
  imported_at timestamptz
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with wanted as (
  select substr(i.content_hash, 1, 8) as digest
  from lake.item as i
  where i.owner_id = ops.current_owner() and i.id = lake_sightings.item_id
  union
  -- In pages whose zone was found out later.
  select substr(z.content_hash, 1, 8)
  from lake.item as i
  join lake.zone_candidate as z on z.owner_id = i.owner_id and z.candidate_hash = i.content_hash and z.chosen
  where i.owner_id = ops.current_owner() and i.id = lake_sightings.item_id
)
select r.id, r.filename, f.member, s.first + n.place, r.started_at
from wanted as w
join lake.sighting as s on s.owner_id = ops.current_owner() and position(w.digest in s.digests) > 0
cross join lateral generate_series(0, length(s.digests) / 8 - 1) as n (place)
join lake.import as r on r.owner_id = s.owner_id and r.id = s.import_id
left join lake.import_file as f on f.owner_id = s.owner_id and f.import_id = s.import_id and f.ordinal = s.file
where substr(s.digests, 8 * n.place + 1, 8) = w.digest
order by r.started_at, s.file, s.first + n.place
$$;

comment on function api.lake_sightings(bigint) is
'Every file in which an item was met: its import, the file and its ordinal among the records of the file, from 0. Live
records have none. Empty for an unknown item.';
