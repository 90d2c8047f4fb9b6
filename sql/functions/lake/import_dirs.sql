create or replace function lake.import_dirs()
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select substr(setting, length('datapunk.import_dirs=') + 1)
  from pg_catalog.pg_db_role_setting as s
  cross join lateral unnest(s.setconfig) as setting
  where s.setrole = 0
    and s.setdatabase in (0, (select d.oid from pg_catalog.pg_database as d where d.datname = current_database()))
    and setting like 'datapunk.import\_dirs=%'
  order by s.setdatabase desc
  limit 1;
$$;

comment on function lake.import_dirs() is
'The folders of the server below which lake_import_path may read, as `alter database ... set datapunk.import_dirs` says.
It reads the database''s own setting from the catalog: what a session or a role sets for itself does not count, since
anybody may set a custom parameter. Null where nothing is allowed.';
