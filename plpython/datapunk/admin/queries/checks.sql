-- name: objects ()
select p.pronamespace::regnamespace::text || '.' || p.proname
from pg_proc as p
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
union all
select c.relnamespace::regnamespace::text || '.' || c.relname
from pg_class as c
where c.relnamespace = 'api'::regnamespace and c.relkind = 'v';

-- name: check_comment ()
select 'no COMMENT: ' || p.oid::regprocedure::text
from pg_proc as p
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and obj_description(p.oid, 'pg_proc') is null
union all
select 'no COMMENT: ' || c.oid::regclass::text
from pg_class as c
where c.relnamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and c.relkind in ('r', 'v', 'p') and not c.relispartition
  and c.relname <> 'schema_version'
  and obj_description(c.oid, 'pg_class') is null
union all
select 'no COMMENT: ' || c.oid::regclass::text || '.' || a.attname
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge')
  and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname <> 'schema_version'
  and col_description(c.oid, a.attnum) is null;

-- name: check_search_path ()
select 'no pinned search_path: ' || p.oid::regprocedure::text
from pg_proc as p
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and p.prokind <> 'p'
  -- A body that was parsed when it was made looks nothing up.
  and p.prosqlbody is null
  and not coalesce(p.proconfig @> array['search_path=pg_catalog, pg_temp'], false);

-- name: check_public_execute ()
select 'EXECUTE for PUBLIC: ' || p.oid::regprocedure::text
from pg_proc as p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and acl.grantee = 0 and acl.privilege_type = 'EXECUTE';

-- name: check_long_body ()
select 'PL/Python body of more than three lines: ' || p.oid::regprocedure::text
from pg_proc as p
join pg_language as l on l.oid = p.prolang and l.lanname = 'plpython3u'
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and (select count(*) from regexp_split_to_table(p.prosrc, E'\n') as line where line ~ '\S') > 3;

-- name: check_api_table ()
select 'a table in api: ' || c.oid::regclass::text
from pg_class as c
where c.relnamespace = 'api'::regnamespace and c.relkind in ('r', 'p', 'm', 'f');

-- name: check_security_invoker ()
select 'view without security_invoker: ' || c.oid::regclass::text
from pg_class as c
where c.relnamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and c.relkind = 'v'
  and not coalesce(c.reloptions @> array['security_invoker=true'], false);

-- name: check_definer ()
select 'SECURITY DEFINER that is not SQL or plpgsql owned by datapunk_owner: ' || p.oid::regprocedure::text
from pg_proc as p
join pg_language as l on l.oid = p.prolang
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
  and p.prosecdef
  and (l.lanname not in ('sql', 'plpgsql') or p.proowner <> 'datapunk_owner'::regrole);

-- name: check_row_security ()
select 'row-level security is not forced: ' || c.oid::regclass::text
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
where c.relnamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge')
  and c.relkind in ('r', 'p') and not c.relispartition
  and not (c.relrowsecurity and c.relforcerowsecurity);

-- name: check_overload ()
select 'overloaded: ' || p.pronamespace::regnamespace::text || '.' || p.proname
from pg_proc as p
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')
group by p.pronamespace, p.proname
having count(*) > 1;

-- name: bodies ()
select p.oid::bigint as function, l.lanvalidator::regproc::text as validator, p.oid::regprocedure::text as name
from pg_proc as p
join pg_language as l on l.oid = p.prolang and l.lanname in ('sql', 'plpgsql')
where p.pronamespace::regnamespace::text in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api');
