create or replace function api.lake_classify(
  kind text,
  sensitivity text default null
)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds constant text[] := array(select s.kind from lake.sensitivities() as s order by 1);
  v_new text;
  v_items bigint := 0;
begin
  if lake_classify.kind is null or not lake_classify.kind = any (v_kinds) then
    perform ops.fail('22023', format('no such kind: %s', lake_classify.kind),
      format('Allowed: %s.', array_to_string(v_kinds, ', ')));
  end if;
  if lake_classify.sensitivity not in ('public', 'personal', 'private', 'secret') then
    perform ops.fail('22023', format('no such sensitivity: %s', lake_classify.sensitivity),
      'Allowed: public, personal, private, secret; null for what comes with the installation.');
  end if;
  -- What adds items holds the same lock, shared: see lake.hold_sensitivity.
  perform pg_advisory_xact_lock(hashtextextended('lake.sensitivity ' || ops.current_owner(), 0));
  if lake_classify.sensitivity is null then
    delete from lake.sensitivity_of_kind as k
    where k.owner_id = (select ops.current_owner()) and k.kind = lake_classify.kind;
  else
    insert into lake.sensitivity_of_kind as k (kind, sensitivity)
    values (lake_classify.kind, lake_classify.sensitivity)
    on conflict on constraint sensitivity_of_kind_pk do update set sensitivity = excluded.sensitivity;
  end if;
  select s.sensitivity into v_new from lake.sensitivities() as s where s.kind = lake_classify.kind;
  update lake.item as i
  set sensitivity = w.wanted
  from (
    select o.id, lake.raised_sensitivity(v_new, coalesce(p.raised, false)) as wanted
    from lake.item as o
    left join lake.pii_scan as p on p.owner_id = o.owner_id and p.item_id = o.id
    where o.owner_id = (select ops.current_owner()) and o.kind = lake_classify.kind
  ) as w
  where i.owner_id = (select ops.current_owner()) and i.id = w.id and i.sensitivity <> w.wanted;
  get diagnostics v_items = row_count;
  perform ops.audit_write(
    'lake.classify', jsonb_build_object('kind', lake_classify.kind, 'sensitivity', v_new, 'items', v_items)
  );
  return v_items;
end
$$;

comment on function api.lake_classify(text, text) is
'Says how confidential a kind of thing is for you: public, personal, private or secret; null goes back to what comes
with the installation. Returns how many items changed. Secret kinds stay out of cortex_search, gaia_ask and datasets of
forge_train that do not name them; the view sensitivities shows all kinds. Items that became private by the personal
data in them (lake_pii_scan) stay at least that. Waits for a running import of yours. Noted in
the view audit. SQLSTATE 22023 for an unknown kind or sensitivity.';
