create or replace function lake.store_pii(p_results jsonb, p_model text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_private constant text[] := (select p.private_types from lake.pii_settings() as p);
  v_items bigint[];
  v_raised bigint[];
  v_stored bigint;
begin
  perform lake.hold_sensitivity();
  -- Items first, as for those that change or forget them.
  perform
  from lake.item as i
  where i.owner_id = v_owner and i.id = any (
    array(select r.item_id from jsonb_to_recordset(p_results) as r (item_id bigint))
  )
  order by i.id
  for no key update;
  -- What changed meanwhile waits for another turn, and what is gone has no row.
  v_items := array(
    select s.item_id
    from jsonb_to_recordset(p_results) as r (item_id bigint, revision bigint)
    join lake.pii_scan as s on s.owner_id = v_owner and s.item_id = r.item_id and s.revision = r.revision
    order by s.item_id
    for update of s
  );
  delete from lake.pii as p where p.owner_id = v_owner and p.item_id = any (v_items);
  insert into lake.pii (item_id, field, start_offset, end_offset, entity_type, score, recogniser)
  select r.item_id, f.field, f.start_offset, f.end_offset, f.entity_type, f.score, f.recogniser
  from jsonb_to_recordset(p_results) as r (item_id bigint, found jsonb)
  cross join jsonb_to_recordset(r.found) as f (
    field text, start_offset integer, end_offset integer, entity_type text, score real, recogniser text
  )
  where r.item_id = any (v_items)
  on conflict on constraint pii_pk do nothing;
  get diagnostics v_stored = row_count;
  v_raised := array(
    select distinct p.item_id
    from lake.pii as p
    where p.owner_id = v_owner and p.item_id = any (v_items) and p.entity_type = any (v_private)
  );
  update lake.pii_scan as s
  set state = 'done', error = null, claimed_until = '-infinity', model = p_model, scanned_at = clock_timestamp(),
    raised = s.item_id = any (v_raised)
  where s.owner_id = v_owner and s.item_id = any (v_items);
  update lake.item as i
  set sensitivity = w.wanted
  from (
    select o.id, lake.raised_sensitivity(k.sensitivity, o.id = any (v_raised)) as wanted
    from lake.item as o
    join lake.sensitivities() as k on k.kind = o.kind
    where o.owner_id = v_owner and o.id = any (v_items)
  ) as w
  where i.owner_id = v_owner and i.id = w.id and i.sensitivity <> w.wanted;
  return v_stored;
end
$$;

comment on function lake.store_pii(jsonb, text) is
'Keeps what was found in items: an array of {item_id, revision, found: [{field, start_offset, end_offset, entity_type,
score, recogniser}]}, in place of what was found in them before; items with types of the setting datapunk.pii_private
become private. Returns how many rows. Storing twice changes nothing. For datapunk_worker only.';
