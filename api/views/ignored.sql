create or replace view api.ignored
with (security_invoker = true)
as
select
  i.owner_id,
  i.import_id,
  i.member,
  i.bytes,
  i.status,
  i.source,
  i.reason,
  i.items_seen
from lake.import_file as i
where i.reason is not null;

comment on view api.ignored is
'Files of imports that were not read, or not as expected, with the reason; nothing disappears silently.';
comment on column api.ignored.owner_id is 'Whose file it was.';
comment on column api.ignored.import_id is 'Run that met it.';
comment on column api.ignored.member is 'Path inside the archive.';
comment on column api.ignored.bytes is 'Size in bytes.';
comment on column api.ignored.status is
'ignored; failed when reading broke off; done when it was read and something is odd.';
comment on column api.ignored.source is 'Adapter that read it; null when none knew it.';
comment on column api.ignored.reason is 'Why it was ignored, or what is odd.';
comment on column api.ignored.items_seen is 'Records read from it all the same.';
