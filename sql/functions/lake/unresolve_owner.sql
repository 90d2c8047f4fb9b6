create or replace function lake.unresolve_owner()
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
begin
  perform lake.lock_people();
  delete from lake.person_item as p where p.owner_id = v_owner;
  delete from lake.person_alias as a where a.owner_id = v_owner;
  delete from lake.person_identifier as i where i.owner_id = v_owner;
  delete from lake.person as p where p.owner_id = v_owner;
  delete from lake.place_item as p where p.owner_id = v_owner;
  delete from lake.place as p where p.owner_id = v_owner;
  delete from lake.conversation_item as c where c.owner_id = v_owner;
  delete from lake.conversation as c where c.owner_id = v_owner;
  delete from lake.unresolved as u where u.owner_id = v_owner;
  insert into lake.unresolved (owner_id, item_ids)
  select v_owner, array_agg(i.id order by i.id)
  from (
    select t.id, row_number() over (order by t.id) / 3000 as lot
    from lake.item as t
    where t.owner_id = v_owner and t.kind in ('contact', 'mail', 'message', 'event', 'place_visit')
  ) as i
  group by i.lot;
end
$$;

comment on function lake.unresolve_owner() is
'Takes back all that was found out of the owner''s people, places and conversations, but for corrections, and notes what
tells of them for lake.resolve.';
