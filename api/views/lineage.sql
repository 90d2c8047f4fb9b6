create or replace view api.lineage
with (security_invoker = true)
as
select
  m.name as model, v.version, l.relation, l.source_owner, l.kind, l.source, l.row_count as rows, l.since, l.until,
  l.basis, v.stale_reason
from forge.lineage as l
join forge.version as v on v.owner_id = l.owner_id and v.id = l.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.lineage is
'Which rows versions were trained on: owners, kinds, sources and time. basis is items where the dataset named its very
rows (a column item_id), else plan: what its query could read. lake_forget marks versions by it.';
