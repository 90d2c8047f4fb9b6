-- name: reference_functions ()
select
  p.proname,
  pg_get_function_arguments(p.oid),
  pg_get_function_result(p.oid),
  obj_description(p.oid, 'pg_proc')
from pg_proc as p
where p.pronamespace = 'api'::regnamespace
order by p.proname collate "C";

-- name: reference_views ()
select c.relname, obj_description(c.oid, 'pg_class')
from pg_class as c
where c.relnamespace = 'api'::regnamespace and c.relkind = 'v'
order by c.relname collate "C";

-- name: reference_columns ()
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'api'::regnamespace and c.relkind = 'v'
order by c.relname collate "C", a.attnum;

-- name: surface_functions ()
select
  p.proname as name,
  pg_get_function_arguments(p.oid) as arguments,
  pg_get_function_result(p.oid) || coalesce((
    select ' (' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) || ')'
    from pg_type as t
    join pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    where t.oid = p.prorettype and t.typtype = 'c'
  ), '') as result,
  coalesce((
    select string_agg(r.rolname, ', ' order by r.rolname)
    from pg_roles as r
    where r.rolname in ('datapunk_anonymous', 'datapunk_importer', 'datapunk_user', 'datapunk_worker')
      and has_function_privilege(r.oid, p.oid, 'execute')
  ), 'nobody') as roles
from pg_proc as p
where p.pronamespace = 'api'::regnamespace
order by p.proname;

-- name: surface_views ()
select
  c.relname as name,
  array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum) as columns,
  coalesce((
    select string_agg(r.rolname, ', ' order by r.rolname)
    from pg_roles as r
    where r.rolname in ('datapunk_anonymous', 'datapunk_importer', 'datapunk_user', 'datapunk_worker')
      and has_table_privilege(r.oid, c.oid, 'select')
  ), 'nobody') as roles
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'api'::regnamespace and c.relkind = 'v'
group by c.oid, c.relname
order by c.relname;
