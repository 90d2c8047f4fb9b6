create or replace function lake.settle_listings(
  p_import_id uuid
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_listing text;
begin
  -- An import may complete a list of another one: a part of the same archive.
  for v_listing in
    select distinct f.listing
    from lake.import_file as f
    where f.owner_id = v_owner and f.listing is not null
      and (p_import_id is null or f.exported_at in (
        select g.exported_at
        from lake.import_file as g
        where g.owner_id = v_owner and g.import_id = p_import_id and g.exported_at is not null
      ))
    union
    select l.listing from lake.listed as l where l.owner_id = v_owner and p_import_id is null
    order by 1
  loop
    perform lake.settle_listing(v_listing);
  end loop;
end
$$;

comment on function lake.settle_listings(uuid) is
'Brings lake.listed in line with the files of an import and of the other parts of its archive; null: with all files.';
