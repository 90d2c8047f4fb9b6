create or replace function api.lake_pii_status()
returns table (
  enabled boolean,
  model text,
  least_score double precision,
  private_types text[],
  waiting bigint,
  done bigint,
  failed bigint,
  found bigint,
  raised bigint,
  scanned_at timestamptz
)
language sql
stable
security invoker
rows 1
set search_path = pg_catalog, pg_temp
as $$
select
  p.enabled, p.model, p.least_score, p.private_types,
  count(*) filter (where s.state = 'waiting'), count(*) filter (where s.state = 'done'),
  count(*) filter (where s.state = 'failed'),
  (select count(*) from lake.pii as f where f.owner_id = (select ops.current_owner())),
  count(*) filter (where s.raised), max(s.scanned_at)
from lake.pii_settings() as p
left join lake.pii_scan as s on s.owner_id = (select ops.current_owner())
group by p.enabled, p.model, p.least_score, p.private_types;
$$;

comment on function api.lake_pii_status() is
'How far looking for personal data is: the settings, how many of your items wait, were looked through or failed,
how much was found, how many items became private by it, and when the last one was looked through.';
