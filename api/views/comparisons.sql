create or replace view api.comparisons
with (security_invoker = true)
as
select
  m.name as model, v.version, i.version as incumbent, c.metric, c.row_count, c.candidate as value,
  c.incumbent as incumbent_value, c.lower, c.upper, c.passed, c.reason, c.at
from forge.comparison as c
join forge.version as v on v.owner_id = c.owner_id and v.id = c.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
left join forge.version as i on i.owner_id = c.owner_id and i.id = c.incumbent_id;

comment on view api.comparisons is
'New versions against the one that answered, on the same held-out rows, subjects, series or steps (row_count of them, as
reason says); lower and upper bound the gain (95 %, paired resampling), passed says whether the gate let it through.';
