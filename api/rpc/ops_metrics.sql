create or replace function api.ops_metrics()
returns ops."text/plain"
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
with figure as materialized (
  select m.name, m.value,
    (
      select string_agg(format('%s="%s"', l.key, replace(replace(replace(l.value, '\', '\\'), '"', '\"'), E'\n', '\n')), ','
        order by l.key)
      from jsonb_each_text(m.labels) as l
    ) as labels
  from api.metrics_now as m
), line as (
  select f.name, 0 as part, format('# TYPE %s %s', f.name, case when f.name like '%\_total' then 'counter' else 'gauge' end)
    as text
  from (select distinct f.name from figure as f) as f
  union all
  select f.name, 1, f.name || coalesce('{' || f.labels || '}', '') || ' ' || f.value
  from figure as f
)
select (string_agg(l.text, E'\n' order by l.name collate "C", l.part, l.text collate "C") || E'\n')::ops."text/plain"
from line as l;
$$;

comment on function api.ops_metrics() is
'The view metrics_now as text that Prometheus reads: GET /rpc/ops_metrics with a token is what it scrapes.';
