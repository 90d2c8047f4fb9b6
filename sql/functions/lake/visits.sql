create or replace function lake.visits(p_items bigint[])
returns table (
  item_id bigint, key text, place_id text, name text, latitude double precision, longitude double precision,
  seen_at timestamptz
)
language sql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
as $$
with visit as materialized (
  select i.id, nullif(btrim(i.attributes ->> 'place_id'), '') as place_id,
    coalesce(nullif(btrim(i.title), ''), i.attributes ->> 'address') as name,
    case when g.is_known then (i.attributes ->> 'latitude')::double precision end as latitude,
    case when g.is_known then (i.attributes ->> 'longitude')::double precision end as longitude,
    coalesce(i.occurred_at, '-infinity') as seen_at
  from lake.item as i
  cross join lateral (
    -- What nobody checked may be a number that is no coordinate, nor even a float.
    select i.attributes @@ 'strict $.latitude >= -90 && $.latitude <= 90 && $.longitude >= -180 && $.longitude <= 180' as is_known
  ) as g
  where i.owner_id = (select ops.current_owner()) and i.id = any (p_items) and i.kind = 'place_visit'
), keyed as (
  select v.id,
    coalesce(
      'id:' || v.place_id,
      'at:' || round(v.latitude::numeric, 3) || ',' || round(v.longitude::numeric, 3),
      'name:' || lower(regexp_replace(v.name, '\s+', ' ', 'g'))
    ) as key,
    v.place_id, v.name, v.latitude, v.longitude, v.seen_at
  from visit as v
)
select k.id, lake.short_key(k.key), k.place_id, k.name, k.latitude, k.longitude, k.seen_at
from keyed as k
where k.key is not null
$$;

comment on function lake.visits(bigint[]) is
'The visits among these items of the owner, with what tells their place from others: the identifier
that its source gives it, else coordinates to a thousandth of a degree (about 100 m), else its name.';
