create or replace function lake.settle_listing(
  p_listing text
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
-- Digests are looked up one by one, whatever the statistics of a table say that was empty a moment ago.
set enable_seqscan = off
as $$
declare
  v_owner constant text := ops.current_owner();
  v_whole timestamptz[];
begin
  perform pg_advisory_xact_lock(hashtextextended('lake.listing ' || v_owner || ' ' || p_listing, 0));
  with file as materialized (
    -- One that was cut off in one import may have come whole in another: what was read best of it counts.
    select distinct on (f.exported_at, coalesce(substring(f.member from '(?:^|/)(Takeout/.*)$'), f.member)) f.*
    from lake.import_file as f
    where f.owner_id = v_owner and f.listing = p_listing and f.exported_at is not null
    order by
      f.exported_at, coalesce(substring(f.member from '(?:^|/)(Takeout/.*)$'), f.member),
      f.status = 'done' and f.rejects = 0 desc, f.items_seen desc
  ), export as (
    select f.exported_at, bool_or(f.lists_all) as lists_all, array_agg(distinct lake.product_folder(f.member)) as folders
    from file as f
    group by f.exported_at
    -- Nothing is closed by a list that was read in part, nor by one that gave nothing: its form may have changed.
    having bool_and(f.status = 'done' and f.rejects = 0) and sum(f.items_seen) > 0
  )
  select array_agg(e.exported_at) into v_whole
  from export as e
  where e.lists_all or exists (
    -- Its folder is whole, as the index of the archive tells.
    select
    from lake.contents as c
    where c.owner_id = v_owner and c.exported_at = e.exported_at and array[c.folder] = e.folders
      and cardinality(c.files) > 0 and cardinality(c.failed) = 0
      and not exists (select from lake.missing_files(c.import_id, c.folder))
  );
  with seen as materialized (
    select substr(s.digests, 8 * n.place + 1, 8) as digest, max(f.exported_at) as seen_at
    from lake.import_file as f
    join lake.sighting as s on s.owner_id = f.owner_id and s.import_id = f.import_id and s.file = f.ordinal
    cross join lateral generate_series(0, length(s.digests) / 8 - 1) as n (place)
    where f.owner_id = v_owner and f.listing = p_listing and f.exported_at is not null
    group by 1
  ), wanted as (
    select
      i.id as item_id, w.seen_at,
      (select min(t.at) from unnest(v_whole) as t (at) where t.at > w.seen_at) as closed_at
    from seen as w
    join lake.item as i
      on i.owner_id = v_owner and i.content_hash >= w.digest and i.content_hash < w.digest || '\xffffffffffffffffffffffffffffffffffffffffffffffffff'::bytea
      and substr(i.content_hash, 1, 8) = w.digest
  ), gone as (
    delete from lake.listed as l
    where l.owner_id = v_owner and l.listing = p_listing
      and not exists (select from wanted as w where w.item_id = l.item_id)
  )
  insert into lake.listed as l (owner_id, listing, item_id, seen_at, closed_at)
  select v_owner, p_listing, w.item_id, max(w.seen_at), max(w.closed_at)
  from wanted as w
  group by w.item_id
  on conflict (owner_id, item_id, listing) do update
  set seen_at = excluded.seen_at, closed_at = excluded.closed_at
  where (l.seen_at, l.closed_at) is distinct from (excluded.seen_at, excluded.closed_at);
end
$$;

comment on function lake.settle_listing(text) is
'Works out, for one list that is a state, when each item was listed last, and since when it is closed: the first whole
list after that. It depends on the files that were imported, not on the order in which they were.';
