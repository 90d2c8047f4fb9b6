create or replace function api.lake_pii_scan(
  filter jsonb default '{}',
  rescan boolean default false
)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_filter record;
  v_items bigint[];
begin
  select * into v_filter from lake.pii_filter(lake_pii_scan.filter);
  v_items := array(
    select i.id
    from lake.item as i
    left join lake.pii_scan as s on s.owner_id = i.owner_id and s.item_id = i.id
    where i.owner_id = (select ops.current_owner())
      and (v_filter.item_ids is null or i.id = any (v_filter.item_ids))
      and (v_filter.sources is null or i.source = any (v_filter.sources))
      and (v_filter.kinds is null or i.kind = any (v_filter.kinds))
      and (v_filter.import_id is null or i.import_id = v_filter.import_id)
      and (v_filter.since is null or i.occurred_at >= v_filter.since)
      and (v_filter.until is null or i.occurred_at < v_filter.until)
      and (s.item_id is null or s.state = 'failed' or coalesce(lake_pii_scan.rescan, false))
  );
  return lake.request_pii(v_items);
end
$$;

comment on function api.lake_pii_scan(jsonb, boolean) is
'Has your items looked through for personal data by a worker: those that never were, and those that failed; with rescan
all again. Returns how many. filter: item_ids, source, kind (each one or an array), import_id, since, until; {} for all.
It works whatever the setting datapunk.pii says, which is about new items. The view pii has what is found, lake_pii_status
how far it is. SQLSTATE 22023 for a bad filter.';
