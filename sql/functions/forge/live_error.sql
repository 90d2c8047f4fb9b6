create or replace function forge.live_error(p_version_id bigint)
returns table (outcomes bigint, error double precision)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select
  count(*),
  avg(case
    when p.output ? 'label' then (p.output ->> 'label' <> p.outcome)::integer
    when p.output ? 'is_anomaly' then (p.output ->> 'is_anomaly' <> p.outcome)::integer
    else abs((p.output ->> 'value')::double precision - forge.number_of(p.outcome))
  end)
from (
  -- A key that was asked for often before its outcome came is one thing that came of it.
  select distinct on (k.key, k.unkeyed, k.outcome_at) k.output, k.outcome
  from (
    select p.id, p.key, case when p.key is null then p.id end as unkeyed, p.outcome_at, p.output, p.outcome
    from forge.prediction as p
    where p.owner_id = (select ops.current_owner()) and p.version_id = p_version_id and p.outcome is not null
      and p.at >= (select forge.deployed_since(p_version_id))
      -- A shadow that failed has answered nothing.
      and p.output ?| array['label', 'is_anomaly', 'value']
    order by p.id desc
    limit 1000
  ) as k
  order by k.key, k.unkeyed, k.outcome_at, k.id desc
) as p;
$$;

comment on function forge.live_error(bigint) is
'Share of wrong labels (or verdicts, of an anomaly_detector), or mean absolute error, over the last thousand predictions
of a version since it was deployed last whose outcome is known; of those that share key and outcome the latest counts.';
