create or replace function lake.export_rows(
  p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz
)
returns setof jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
select
  jsonb_strip_nulls(jsonb_build_object(
    'kind', i.kind, 'occurred_at', i.occurred_at, 'ended_at', i.ended_at, 'precision', i.precision,
    'zone_source', i.zone_source, 'title', i.title, 'body', i.body, 'url', i.url, 'language', i.language,
    'source', i.source, 'external_id', i.external_id, 'identity', encode(i.content_hash, 'hex')
  -- Nulls within the attributes stay.
  )) || jsonb_build_object('attributes', i.attributes)
from lake.item as i
where i.owner_id = (select ops.current_owner()) and i.kind = any (p_kinds)
  and (p_sources is null or i.source = any (p_sources))
  and (p_since is null or i.occurred_at >= p_since)
  and (p_until is null or i.occurred_at < p_until)
union all
select jsonb_strip_nulls(jsonb_build_object(
  'kind', 'position', 'occurred_at', p.occurred_at, 'latitude', p.latitude, 'longitude', p.longitude,
  'device', p.device, 'source', p.source, 'accuracy_m', p.accuracy_m, 'altitude_m', p.altitude_m
))
from lake.position as p
where p.owner_id = (select ops.current_owner()) and 'position' = any (p_kinds)
  and (p_sources is null or p.source = any (p_sources))
  and (p_since is null or p.occurred_at >= p_since)
  and (p_until is null or p.occurred_at < p_until)
union all
select jsonb_strip_nulls(jsonb_build_object(
  'kind', 'measurement', 'metric', m.metric, 'starts_at', m.starts_at, 'ends_at', m.ends_at, 'value', m.value,
  'unit', m.unit, 'source', m.source
))
from lake.measurement as m
where m.owner_id = (select ops.current_owner()) and 'measurement' = any (p_kinds)
  and (p_sources is null or m.source = any (p_sources))
  and (p_since is null or m.starts_at >= p_since)
  and (p_until is null or m.starts_at < p_until);
$$;

comment on function lake.export_rows(text[], text[], timestamptz, timestamptz) is
'What api.lake_export gives, one object after another: called in a select list it keeps no row back.';
