create or replace function lake.resolve()
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_items bigint[];
  v_touched bigint[];
  v_looked_at bigint := 0;
begin
  perform lake.lock_people();
  -- In lots, so that memory does not grow with the size of an import. In whatever lots, the outcome is the same.
  loop
    with taken as (
      delete from lake.unresolved as u
      where u.owner_id = (select ops.current_owner()) and u.id in (
        select n.id
        from (
          select l.id, sum(cardinality(l.item_ids)) over (order by l.id) - cardinality(l.item_ids) as before
          from (
            select o.id, o.item_ids
            from lake.unresolved as o
            where o.owner_id = (select ops.current_owner())
            order by o.id
            limit 1000
          ) as l
        ) as n
        where n.before < 10000
      )
      returning u.item_ids
    )
    select array_agg(distinct i.id) into v_items from taken as t cross join lateral unnest(t.item_ids) as i (id);
    exit when v_items is null;
    v_touched := lake.resolve_mentions(v_items);
    if v_touched is not null then
      perform lake.resolve_persons(v_touched, '{}');
    end if;
    perform lake.resolve_places(v_items);
    perform lake.resolve_conversations(v_items);
    v_looked_at := v_looked_at + cardinality(v_items);
  end loop;
  return v_looked_at;
end
$$;

comment on function lake.resolve() is
'Looks up people, places and conversations of what was written since the last time; returns the number of items looked
at, in lots of some 10,000. Imports end with it. Others who resolve for the same owner wait until this transaction ends.';
