create or replace function lake.keep_versions()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    delete from lake.item_version as v
    using old_item as o
    where v.owner_id = o.owner_id and v.item_id = o.id;
    return null;
  end if;
  insert into lake.item_version (owner_id, item_id, edited_at, title, body, url, attributes)
  select o.owner_id, o.id, o.edited_at, o.title, o.body, o.url, o.attributes
  from old_item as o
  join new_item as n on n.owner_id = o.owner_id and n.id = o.id
  where n.edited_at > o.edited_at
  on conflict do nothing;
  return null;
end
$$;

comment on function lake.keep_versions() is
'Trigger of lake.item: keeps what a later edit replaces in lake.item_version, and lets it go with the item.';
