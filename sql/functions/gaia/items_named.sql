create or replace function gaia.items_named(p_names text[])
returns table (name text, id bigint, title text)
language sql
stable
security invoker
rows 10
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
select distinct on (f.name) f.name, f.id, f.title
from (
  select i.url as name, i.id, i.title, i.occurred_at
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.url = any (p_names)
  union all
  select i.title, i.id, i.title, i.occurred_at
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.title = any (p_names)
) as f
order by f.name, f.occurred_at desc nulls last, f.id desc;
$$;

comment on function gaia.items_named(text[]) is
'The newest item of each address or title: what the items of a recommender stand for.';
