create or replace view api.importances
with (security_invoker = true)
as
select m.name as model, v.version, i.key as feature, i.value::double precision as importance
from forge.artifact as a
join forge.version as v on v.owner_id = a.owner_id and v.id = a.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
cross join lateral jsonb_each_text(convert_from(a.content, 'UTF8')::jsonb -> 'importance') as i
where a.name = 'plots.json' and a.owner_id = (select ops.current_owner());

comment on view api.importances is
'How much the primary metric of a version falls on held-out rows when a feature is shuffled.';
