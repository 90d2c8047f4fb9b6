-- name: subroutine_named (text, text)
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) as handler
from gaia.subroutine as s
join pg_namespace as n on n.nspname = split_part(s.handler, '.', 1)
join pg_proc as p
  on p.pronamespace = n.oid and p.proname = split_part(s.handler, '.', 2)
  and p.pronargs = 1 and p.proargtypes[0] = 'jsonb'::regtype and p.prorettype = 'jsonb'::regtype
where s.name = $1 and s.owner_id in ($2, 'system')
order by s.owner_id = 'system'
limit 1

-- name: subroutine_names ()
select distinct s.name from gaia.subroutine as s order by s.name

-- name: subroutine_insert (text, text, text, jsonb)
insert into gaia.subroutine (name, handler, description, input_schema, source)
values ($1, $2, $3, $4, 'user')
on conflict on constraint subroutine_name_uq do nothing
returning id

-- name: examples_insert (text, text[], text, text[])
insert into gaia.example (subroutine, text, source, language)
select $1, t.text, $3, t.language from unnest($2, $4) as t (text, language)
on conflict on constraint example_text_uq do nothing

-- name: subroutine_delete (text)
with gone as (
  delete from gaia.subroutine as s where s.owner_id = (select ops.current_owner()) and s.name = $1 returning s.name
), examples as (
  delete from gaia.example as e using gone as g
  where e.owner_id = (select ops.current_owner()) and e.subroutine = g.name
)
select g.name from gone as g

-- name: kind_of_model (text)
select case
  when exists (select from cortex.provider as p where p.name = $1 and p.kind = 'chat') then 'chat'
  when exists (select from forge.model as m where m.owner_id = (select ops.current_owner()) and m.name = $1) then 'trained'
end as kind

-- name: trained_models (text[])
select m.name, m.recipe, d.query, 
  coalesce((select json_agg(c.value ->> 'name') from jsonb_array_elements(d.columns) as c), '[]'::json)::text as columns,
  coalesce(v.parameters ->> 'target', '') as target, coalesce(v.signature -> 'labels', '[]'::jsonb)::text as labels,
  coalesce(v.signature -> 'features', '[]'::jsonb)::text as features,
  (
    select coalesce(json_agg(f.series), '[]'::json)
    from (
      select distinct f.series
      from forge.forecast as f
      where f.owner_id = v.owner_id and f.version_id = v.id and f.series <> ''
      order by f.series
      limit 500
    ) as f
  )::text as series
from forge.model as m
join forge.deployment as p on p.owner_id = m.owner_id and p.model_id = m.id and p.retired_at is null and not p.shadow
join forge.version as v on v.owner_id = m.owner_id and v.id = p.version_id
left join forge.dataset as d on d.owner_id = v.owner_id and d.id = v.dataset_id
where m.owner_id = (select ops.current_owner()) and m.recipe = any ($1)
order by p.traffic desc, p.deployed_at desc
