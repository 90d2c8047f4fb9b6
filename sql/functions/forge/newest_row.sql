create or replace function forge.newest_row(p_recipe text)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
select case p_recipe
  when 'router' then (select coalesce(max(e.id), 0) from gaia.example as e where e.owner_id = ops.current_owner())
  else (select coalesce(max(i.id), 0) from lake.item as i where i.owner_id = ops.current_owner())
end;
$$;

comment on function forge.newest_row(text) is
'The newest row of the owner that a schedule of this recipe counts from: an item of the lake, of a router an example.
For functions that run as datapunk_owner only.';
