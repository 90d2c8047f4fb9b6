create or replace function api.ops_health()
returns table (component text, status text, detail text)
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select d.component, d.status, d.detail from ops.database_health() as d
  union all
  select h.component, h.status, h.detail from ops.host_health() as h;
$$;

comment on function api.ops_health() is
'Is everything running? One row a component: component, status (ok, warning or down) and a detail.
Needs no token; tells nothing about anybody''s data.';
