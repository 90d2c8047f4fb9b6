create or replace view api.features
with (security_invoker = true)
as
select m.name as model, v.version, c.position, c.column ->> 'name' as name, c.column ->> 'type' as type
from forge.version as v
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
join forge.dataset as s on s.owner_id = v.owner_id and s.id = v.dataset_id
cross join lateral jsonb_array_elements(s.columns) with ordinality as c ("column", position);

comment on view api.features is
'The columns that each version was trained on, in order.';
