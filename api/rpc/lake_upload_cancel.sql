create or replace function api.lake_upload_cancel(
  upload_id uuid
)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
with gone as (
  delete from lake.upload as u
  where u.owner_id = ops.current_owner() and u.id = lake_upload_cancel.upload_id and u.import_id is null
  returning u.id
)
select exists (select from gone)
$$;

comment on function api.lake_upload_cancel(uuid) is
'Throws away an upload that is not finished, with its chunks; false where there is none.';
