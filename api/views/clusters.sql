create or replace view api.clusters
with (security_invoker = true)
as
select
  m.name as model, v.version, c.position::integer as cluster, c.found ->> 'label' as label,
  (c.found ->> 'size')::integer as size, c.found ->> 'description' as description
from forge.version as v
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
cross join lateral jsonb_array_elements(v.signature -> 'clusters') with ordinality as c (found, position);

comment on view api.clusters is
'The groups that clusterers found: how many rows each had at training, and what tells it from the rest.';
