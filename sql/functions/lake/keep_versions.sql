create or replace function lake.keep_versions()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_items bigint[];
begin
  if tg_op = 'DELETE' then
    -- An array instead of a join, whose plan would hang on statistics of a table that is empty at most times.
    select array_agg(o.id) into v_items from old_item as o;
    delete from lake.item_version as v
    where v.owner_id = (select ops.current_owner()) and v.item_id = any (v_items);
    delete from lake.listed as l
    where l.owner_id = (select ops.current_owner()) and l.item_id = any (v_items);
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
'Trigger of lake.item: keeps what a later edit replaces in lake.item_version, and lets it go with the
item, as well as the lists that had it.';
