-- name: settings ()
select
  current_setting('datapunk.inference', true) as inference,
  current_setting('datapunk.host_socket', true) as host_socket,
  current_setting('datapunk.timezone', true) as timezone,
  current_setting('datapunk.language', true) as language,
  current_setting('datapunk.now', true) as now,
  current_setting('datapunk.import_dirs', true) as import_dirs,
  current_setting('datapunk.phone_region', true) as phone_region,
  current_setting('datapunk.watts_a_core', true) as watts_a_core;

-- name: http_status (text)
select ops.http_status($1) as status;

-- name: handler_lookup (text, text)
select p.pronargs = 1 and p.proargtypes[0] = 'jsonb'::regtype and p.prorettype = 'jsonb'::regtype and not p.proretset
    and p.prokind = 'f' as fits,
  has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute') as may_call,
  p.oid::regprocedure::text as signature
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
where n.nspname = $1 and p.proname = $2;
