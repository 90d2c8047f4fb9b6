create or replace view api.features
with (security_invoker = true)
as
select
  m.name as model, v.version, c.position, c.column ->> 'name' as name, c.column ->> 'type' as type,
  case
    when c.column ->> 'name' in (v.signature ->> 'target', v.parameters ->> 'target') then 'target'
    when exists (
      select from jsonb_array_elements(v.signature -> 'features') as f
      where f.value ->> 'name' = c.column ->> 'name'
    ) or c.column ->> 'name' = v.parameters ->> 'text' then 'feature'
    when v.parameters -> 'sensitive' ? (c.column ->> 'name') then 'sensitive, left out'
    when v.parameters -> 'exclude' ? (c.column ->> 'name') then 'excluded'
    when c.column ->> 'name' in (v.parameters ->> 'key', v.parameters ->> 'group') then 'key or group, left out'
    else coalesce(
      (
        select 'dropped: ' || min(k.value ->> 'reason')
        from jsonb_array_elements(v.parameters -> 'checks') as k
        where k.value ->> 'column' = c.column ->> 'name' and k.value ->> 'action' = 'dropped'
      ),
      case
        when v.recipe in ('classifier', 'regressor', 'anomaly_detector', 'clusterer', 'text_classifier', 'sentiment')
          then 'left out'
        else 'read'
      end
    )
  end as use
from forge.version as v
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
join forge.dataset as s on s.owner_id = v.owner_id and s.id = v.dataset_id
cross join lateral jsonb_array_elements(s.columns) with ordinality as c ("column", position);

comment on view api.features is
'The columns of the dataset of each version, in order, and what became of them (use): feature where it was learned from
as such, target, excluded, dropped with the reason, and read where the recipe makes features of its own of it.';
