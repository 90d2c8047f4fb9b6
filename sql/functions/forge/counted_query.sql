create or replace function forge.counted_query(p_model text)
returns table (query text, role_name text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
select s.query, s.role_name
from forge.schedule as s
join forge.recipe as r on r.name = s.recipe
where s.owner_id = (select ops.current_owner()) and s.model = p_model and s.rows is not null
  and r.growth = 'lake.items_since' and forge.items_like_learned(s.model, 0, 0) is null;
$$;

comment on function forge.counted_query(text) is
'The query whose rows are counted to see whether a model is due by them, and the role that reads it; no row where there
is no such schedule, or what came is told without: of items of the lake alone, and of examples.';
