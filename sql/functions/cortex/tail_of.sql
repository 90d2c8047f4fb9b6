create or replace function cortex.tail_of(p_owner text, p_items bigint[])
returns bigint[]
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tail bigint[];
begin
  if not exists (select from cortex.unindexed as u where u.owner_id = p_owner) then
    return '{}';
  end if;
  v_tail := array(
    select t.id
    from (
      select u.item_ids
      from cortex.unindexed as u
      where u.owner_id = p_owner
        and u.first_id <= (select max(i.id) from unnest(p_items) as i (id))
        and u.last_id >= (select min(i.id) from unnest(p_items) as i (id))
      order by u.id
      for share of u
    ) as b
    cross join lateral unnest(b.item_ids) as t (id)
  );
  return array(select i.id from unnest(p_items) as i (id) join unnest(v_tail) as t (id) on t.id = i.id);
end
$$;

comment on function cortex.tail_of(text, bigint[]) is
'Those of the items that are not in the lexical index yet. Waits for whoever is indexing one of them; afterwards nobody
does until this transaction has ended, so that what it makes of them is what is indexed.';
