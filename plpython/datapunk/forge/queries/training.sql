-- name: recipe (text)
select r.name, r.options
from forge.recipe as r
where r.name = $1

-- name: recipe_names ()
select string_agg(r.name, ', ' order by r.name) as names
from forge.recipe as r

-- name: model_recipe (text)
select m.recipe, m.owner_id = 'system' as built_in
from forge.model as m
where m.owner_id in ((select ops.current_owner()), 'system') and m.name = $1
order by m.owner_id = 'system'
limit 1

-- name: feature_view (text)
select f.query
from forge.feature_view as f
where f.owner_id = (select ops.current_owner()) and f.name = $1

-- name: define_feature_view (text, text, jsonb, text, int)
select forge.define_feature_view($1, $2, $3, $4, $5) as name

-- name: relation (text)
select format('select * from %I.%I', n.nspname, c.relname) as query,
  has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.oid = to_regclass($1) and c.relkind in ('v', 'm', 'r', 'p', 'f')

-- name: type_names (int[])
select format_type(forge.base_type(t.oid), null) as name
from unnest($1) with ordinality as t (oid, position)
order by t.position

-- name: enqueue_job (text, text, text, text, jsonb)
select forge.enqueue_job($1, $2, $3, $4, $5) as job_id
