create or replace view api.bias
with (security_invoker = true)
as
select
  m.name as model, v.version, s.attribute, s.metric, s.sensitive,
  max(s.value) filter (where s.measure = 'difference') as difference,
  max(s.lower) filter (where s.measure = 'difference') as difference_lower,
  max(s.upper) filter (where s.measure = 'difference') as difference_upper,
  max(s.value) filter (where s.measure = 'ratio') as ratio,
  max(s.lower) filter (where s.measure = 'ratio') as ratio_lower,
  max(s.upper) filter (where s.measure = 'ratio') as ratio_upper,
  max(s.row_count) as held_out_rows
from forge.slice as s
join forge.version as v on v.owner_id = s.owner_id and v.id = s.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
where s.measure in ('difference', 'ratio')
group by m.name, v.version, s.attribute, s.metric, s.sensitive;

comment on view api.bias is
'How far apart the groups of an attribute are on held-out rows: difference (largest less smallest figure of a group) and
ratio (smallest by largest), with 95 % intervals; 0 and 1 mean alike. Chance alone makes differences above 0 and ratios
below 1, so that an interval that begins near these shows nothing. Groups of fewer than 10 rows are left out.';
