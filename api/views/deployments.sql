create or replace view api.deployments
with (security_invoker = true)
as
select m.name as model, v.version, d.traffic, d.shadow, d.reason, d.deployed_at, d.retired_at, d.guard
from forge.deployment as d
join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
join forge.model as m on m.owner_id = d.owner_id and m.id = d.model_id;

comment on view api.deployments is
'Which version of a model answered from when until when; retired_at is null for the one that answers now.';
