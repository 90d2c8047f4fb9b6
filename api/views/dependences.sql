create or replace view api.dependences
with (security_invoker = true)
as
select
  m.name as model, v.version, d.key as feature, (p.value ->> 0)::double precision as at,
  (p.value ->> 1)::double precision as prediction
from forge.artifact as a
join forge.version as v on v.owner_id = a.owner_id and v.id = a.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
cross join lateral jsonb_each(convert_from(a.content, 'UTF8')::jsonb -> 'dependence') as d
cross join lateral jsonb_array_elements(d.value) as p
where a.name = 'plots.json' and a.owner_id = (select ops.current_owner());

comment on view api.dependences is
'Partial dependence: the mean prediction (of labels, the last one''s probability) when a number is set to each decile of
its training values, for the most important numbers of a version.';
