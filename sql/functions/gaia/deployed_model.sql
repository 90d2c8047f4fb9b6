create or replace function gaia.deployed_model(p_recipes text[], p_name text)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select m.name
from forge.model as m
join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
where m.owner_id = (select ops.current_owner()) and m.recipe = any (p_recipes) and (p_name is null or m.name = p_name)
order by d.deployed_at desc
limit 1;
$$;

comment on function gaia.deployed_model(text[], text) is
'The name of the owner''s newest deployed model of these recipes, that named p_name where it is given; null for none.';
