create or replace function gaia.examples_since(p_after bigint, p_limit integer)
returns table (newest bigint, added bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
select
  (select coalesce(max(e.id), 0) from gaia.example as e where e.owner_id = ops.current_owner()),
  (
    select count(*)
    from (
      select from gaia.example as e where e.owner_id = ops.current_owner() and e.id > p_after limit p_limit
    ) as n
  );
$$;

comment on function gaia.examples_since(bigint, integer) is
'The newest example of the owner, and how many came after an example, p_limit at most: what a schedule of a router
counts.';
