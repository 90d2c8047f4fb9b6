create or replace function lake.pii_filter(p_filter jsonb)
returns table (
  item_ids bigint[], sources text[], kinds text[], import_id uuid, since timestamptz, until timestamptz
)
language plpython3u
stable
rows 1
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.pii_filter(plpy, GD, p_filter)]
$$;

comment on function lake.pii_filter(jsonb) is 'The filter of api.lake_pii_scan, checked. SQLSTATE 22023.';
