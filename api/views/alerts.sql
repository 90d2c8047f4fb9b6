create or replace view api.alerts
with (security_invoker = true)
as
select m.name as model, v.version, a.kind, a.feature, a.value, a.bound, a.action, a.at, a.id as alert_id
from forge.alert as a
join forge.version as v on v.owner_id = a.owner_id and v.id = a.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.alerts is
'Drift and errors of deployed models beyond their bounds, and what was done: none or rollback. The channel
datapunk_alert and the topic forge.alert.KIND tell of new ones.';
