create or replace function lake.export_filter(p_format text, p_options jsonb)
returns table (kinds text[], sources text[], since timestamptz, until timestamptz)
language plpython3u
stable
rows 1
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.export_filter(plpy, GD, p_format, p_options)]
$$;

comment on function lake.export_filter(text, jsonb) is
'The arguments of api.lake_export, checked: kinds are those that it gives, with position and measurement among them.
SQLSTATE 22023.';
