create or replace function lake.note_pii()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_known boolean;
  v_items bigint[];
begin
  v_known := exists (select from lake.pii_scan as s where s.owner_id = v_owner);
  if tg_op = 'TRUNCATE' then
    delete from lake.pii_scan as s where s.owner_id = v_owner;
  elsif tg_op = 'DELETE' then
    if v_known then
      v_items := array(select o.id from old_item as o where o.owner_id = v_owner);
      delete from lake.pii_scan as s where s.owner_id = v_owner and s.item_id = any (v_items);
    end if;
  elsif tg_op = 'UPDATE' then
    -- What was looked through before is looked through again, whether the setting is on or not: places move.
    if v_known then
      v_items := array(
        select n.id
        from new_item as n
        join old_item as o on o.owner_id = n.owner_id and o.id = n.id
        where n.owner_id = v_owner and (
          (n.title, n.body, n.attributes) is distinct from (o.title, o.body, o.attributes)
          or n.sensitivity <> o.sensitivity
        )
      );
      -- A better record of the same texts brings the sensitivity of its kind.
      v_items := array(
        select s.item_id
        from lake.pii_scan as s
        join new_item as n on n.owner_id = v_owner and n.id = s.item_id
        join old_item as o on o.owner_id = v_owner and o.id = s.item_id
        where s.owner_id = v_owner and s.item_id = any (v_items) and (
          (n.title, n.body, n.attributes) is distinct from (o.title, o.body, o.attributes)
          or (s.raised and n.sensitivity in ('public', 'personal'))
        )
      );
      perform lake.request_pii(v_items) where cardinality(v_items) > 0;
    end if;
  elsif (select p.enabled from lake.pii_settings() as p) then
    v_items := array(select n.id from new_item as n where n.owner_id = v_owner);
    perform lake.request_pii(v_items) where cardinality(v_items) > 0;
  end if;
  return null;
end
$$;

comment on function lake.note_pii() is
'Trigger of lake.item: has new items looked through for personal data where the setting datapunk.pii is on, and changed
ones again; what was found in deleted items goes with them.';
