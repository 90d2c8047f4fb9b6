create or replace view api.slices
with (security_invoker = true)
as
select
  m.name as model, v.version, s.attribute, s.slice, s.metric, s.row_count as held_out_rows, s.value, s.lower, s.upper,
  s.sensitive
from forge.slice as s
join forge.version as v on v.owner_id = s.owner_id and v.id = s.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
where s.measure = 'value';

comment on view api.slices is
'Figures of versions on parts of their held-out rows, by the columns named in the options sensitive and slices of
forge_train, with 95 % intervals.';
