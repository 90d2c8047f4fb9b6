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
  select p.output, p.outcome
  from forge.prediction as p
  where p.owner_id = (select ops.current_owner()) and p.version_id = p_version_id and p.outcome is not null
    -- A shadow that failed has answered nothing.
    and p.output ?| array['label', 'is_anomaly', 'value']
  order by p.id desc
  limit 1000
) as p;
$$;

comment on function forge.live_error(bigint) is
'Share of wrong labels (or verdicts, of an anomaly_detector), or mean absolute error, over the last thousand predictions
of a version whose outcome is known.';
