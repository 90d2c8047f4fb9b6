create or replace view api.missing_files
with (security_invoker = true)
as
select
  c.owner_id,
  c.import_id,
  c.exported_at,
  c.product,
  c.folder,
  cardinality(c.files) as files,
  m.missing,
  m.examples,
  c.failed
from lake.contents as c
cross join lateral (
  select coalesce(sum(f.missing), 0)::bigint as missing, (array_agg(f.file order by f.file))[1:10] as examples
  from lake.missing_files(c.import_id, c.folder) as f
) as m
where m.missing > 0 or cardinality(c.failed) > 0;

comment on view api.missing_files is
'Folders of Takeouts of which files are missing, by what their index (archive_browser.html) lists: a part of the set was
not imported yet, or Google could not export them. Whatever order the parts come in, what has arrived goes from here.';
comment on column api.missing_files.owner_id is 'Whose archive it is.';
comment on column api.missing_files.import_id is 'Run that met the index.';
comment on column api.missing_files.exported_at is 'When the archive was made; the parts of one set have it in common.';
comment on column api.missing_files.product is 'The product in Google''s own words, as LOCATION_HISTORY.';
comment on column api.missing_files.folder is 'Its folder, as the archive calls it.';
comment on column api.missing_files.files is 'How many files the index lists.';
comment on column api.missing_files.missing is 'How many of them no import has met.';
comment on column api.missing_files.examples is 'The first ten of those.';
comment on column api.missing_files.failed is 'Files that Google could not export, as the index says.';
