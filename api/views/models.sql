create or replace view api.models
with (security_invoker = true)
as
select
  m.name as model, m.recipe, d.version, d.deployed_at, m.created_at, m.owner_id = 'system' as built_in,
  (select count(*) from forge.version as v where v.owner_id = m.owner_id and v.model_id = m.id) as versions
from forge.model as m
left join (
  select d.owner_id, d.model_id, d.deployed_at, v.version
  from forge.deployment as d
  join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
  where d.retired_at is null and d.traffic = 1 and not d.shadow
) as d on d.owner_id = m.owner_id and d.model_id = m.id;

comment on view api.models is
'Models; version is the one that answers now. Built-in ones came with the installation.';
