create or replace function gaia.items_named(p_names text[])
returns table (name text, id bigint, title text)
language sql
stable
security invoker
rows 10
set search_path = pg_catalog, pg_temp
as $$
-- Sub-selects, which are hashed: a comparison with an array goes through it for every item.
with found as materialized (
  select i.id, i.url, i.title, i.occurred_at
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.sensitivity <> 'secret'
    and (i.url in (select unnest(p_names)) or i.title in (select unnest(p_names)))
)
select distinct on (w.name) w.name, f.id, f.title
from unnest(p_names) as w (name)
join found as f on w.name in (f.url, f.title)
order by w.name, f.occurred_at desc nulls last, f.id desc;
$$;

comment on function gaia.items_named(text[]) is
'The newest item of each address or title, none of a secret kind: what the items of a recommender stand for.';
