create or replace function gaia.held_kinds()
returns setof text
language plpgsql
stable
security invoker
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
  -- From one kind to the next along the index: `distinct` would read every item.
  return query
  with recursive held as (
    (
      select i.kind
      from lake.item as i
      where i.owner_id = (select ops.current_owner())
      order by i.kind
      limit 1
    )
    union all
    select (
      select i.kind
      from lake.item as i
      where i.owner_id = (select ops.current_owner()) and i.kind > h.kind
      order by i.kind
      limit 1
    )
    from held as h
    where h.kind is not null
  )
  select h.kind from held as h where h.kind is not null;
end
$$;

comment on function gaia.held_kinds() is
'The kinds of things that the current owner has any of, in the order of their names.';
