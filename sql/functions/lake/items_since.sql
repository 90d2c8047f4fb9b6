create or replace function lake.items_since(p_after bigint, p_limit integer)
returns table (newest bigint, added bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
select
  (select coalesce(max(i.id), 0) from lake.item as i where i.owner_id = ops.current_owner()),
  (
    select count(*)
    from (
      select from lake.item as i where i.owner_id = ops.current_owner() and i.id > p_after limit p_limit
    ) as n
  );
$$;

comment on function lake.items_since(bigint, integer) is
'The newest item of the owner, and how many came after an item, p_limit at most: what a schedule of Forge counts.';
