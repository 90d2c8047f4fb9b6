create or replace function lake.missing_files(
  p_import_id uuid,
  p_folder text
)
returns table (
  file text,
  missing bigint
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with told as (
  select c.exported_at, c.files
  from lake.contents as c
  where c.owner_id = (select ops.current_owner()) and c.import_id = p_import_id and c.folder = p_folder
), wanted as (
  select lake.loose_name(f.name) as loose, min(f.name) as name, count(*) as count
  from told as t
  cross join lateral unnest(t.files) as f (name)
  group by lake.loose_name(f.name)
), arrived as (
  -- A file that came in two imports of one archive has arrived once.
  select lake.loose_name(substring(m.path from '[^/]+$')) as loose, count(*) as count
  from (
    select distinct substring(f.member from '(?:^|/)Takeout/(.*)$') as path
    from told as t
    join lake.import_file as f
      on f.owner_id = (select ops.current_owner()) and (f.exported_at = t.exported_at or f.import_id = p_import_id)
    where lake.product_folder(f.member) = p_folder
  ) as m
  group by 1
)
select w.name, w.count - coalesce(a.count, 0)
from wanted as w
left join arrived as a on a.loose = w.loose
where w.count > coalesce(a.count, 0)
order by w.name
$$;

comment on function lake.missing_files(uuid, text) is
'Files that the index of an archive lists in a folder and that no import of that archive''s parts has met, with how many
of that name are missing.';
