create or replace function lake.export_size(p_options jsonb)
returns bigint
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select (
  select count(*)
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind = any (o.kinds)
    and (o.sources is null or i.source = any (o.sources))
    and (o.since is null or i.occurred_at >= o.since)
    and (o.until is null or i.occurred_at < o.until)
) + (
  select count(*)
  from lake.position as p
  where p.owner_id = (select ops.current_owner()) and 'position' = any (o.kinds)
    and (o.sources is null or p.source = any (o.sources))
    and (o.since is null or p.occurred_at >= o.since)
    and (o.until is null or p.occurred_at < o.until)
) + (
  select count(*)
  from lake.measurement as m
  where m.owner_id = (select ops.current_owner()) and 'measurement' = any (o.kinds)
    and (o.sources is null or m.source = any (o.sources))
    and (o.since is null or m.starts_at >= o.since)
    and (o.until is null or m.starts_at < o.until)
)
from lake.export_filter('jsonl', p_options) as o;
$$;

comment on function lake.export_size(jsonb) is
'How many rows api.lake_export gives with these options. SQLSTATE 22023.';
