create or replace function api.lake_append(
  records jsonb
)
returns table (
  items_new integer,
  items_seen integer,
  rejects integer
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.append_records(plpy, GD, records)]
$$;

comment on function api.lake_append(jsonb) is
'Adds live records: an array of {kind, occurred_at, ended_at, title, body, url, source, external_id, attributes,
language, precision, zone_source, identity}; {kind: position, occurred_at, latitude, longitude, source, device, accuracy_m,
altitude_m}; {kind: measurement, metric, starts_at, ends_at, value, unit, source}. identity is what lake_export gives.
The same source and external_id again adds nothing. A bad record is kept in the view rejects with the reason, and the
others are added. A time without a zone is in the setting datapunk.timezone. 22023 when records is no array.';
