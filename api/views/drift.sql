create or replace view api.drift
with (security_invoker = true)
as
select
  m.name as model, v.version, f.feature, f.predictions, f.psi, f.missing, f.missing_in_training, e.outcomes,
  e.error as live_error,
  (
    select case s.name when 'accuracy' then 1 - s.value else s.value end
    from forge.metric as s
    where s.owner_id = v.owner_id and s.version_id = v.id and s.scored = 'model'
      and s.name = case when v.signature ->> 'output' = 'value' then 'mae' else 'accuracy' end
  ) as error_in_training
from forge.deployment as d
join forge.model as m on m.owner_id = d.owner_id and m.id = d.model_id
join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
cross join lateral forge.live_error(v.id) as e
cross join lateral forge.drift(v.id) as f
where d.retired_at is null and d.owner_id = (select ops.current_owner());

comment on view api.drift is
'Each feature of the deployed versions: how far the last thousand kept predictions since the deployment are from the
training rows (population stability index, shares that are missing), and the error over those whose outcome is known, the
latest of those that share key and outcome. The feature (prediction) is what was predicted, held to the predictions for
held-out rows. The index is null until a hundred of the predictions have a value, or ten for each bin of a feature with more
than ten.';
