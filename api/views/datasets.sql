create or replace view api.datasets
with (security_invoker = true)
as
select s.fingerprint, s.query, s.columns, s.row_count, s.read_at, m.name as model, v.version
from forge.dataset as s
left join forge.version as v on v.owner_id = s.owner_id and v.dataset_id = s.id
left join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.datasets is
'What versions were trained on: the query, its columns and rows, and the fingerprint over schema and content.';
