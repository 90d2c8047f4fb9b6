create or replace function lake.imported_by(p_import_id uuid, p_at timestamptz)
returns boolean
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select p_at = 'infinity' or p_import_id is null or exists (
    select from lake.import as m
    where m.owner_id = (select ops.current_owner()) and m.id = p_import_id and m.finished_at <= p_at
  )
$$;

comment on function lake.imported_by(uuid, timestamptz) is
'Whether an import of the owner had ended by then; true for what no import brought.';
