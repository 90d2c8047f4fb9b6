create or replace view api.predictions
with (security_invoker = true)
as
select m.name as model, v.version, p.at, p.features, p.output, p.id as prediction_id, p.key, p.shadow, p.outcome,
  p.outcome_at
from forge.prediction as p
join forge.version as v on v.owner_id = p.owner_id and v.id = p.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.predictions is
'Predictions that were kept: by the option log of forge_predict or of forge_deploy. outcome is what forge_outcome told;
shadow predictions were seen by nobody.';
