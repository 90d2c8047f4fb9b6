create or replace view api.metrics
with (security_invoker = true)
as
select m.name as model, v.version, t.name as metric, t.scored, t.value, t.lower, t.upper
from forge.metric as t
join forge.version as v on v.owner_id = t.owner_id and v.id = t.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.metrics is
'Figures of versions on held-out data with their 95 % interval; scored tells the model from its baselines.';
