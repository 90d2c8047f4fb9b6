create or replace function ops.schema_revision()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select v.version_num from ops.schema_version as v;
$$;

comment on function ops.schema_revision() is
'The migration that the tables stand at, so that a worker refuses tables newer than its code.
For datapunk_worker only.';
