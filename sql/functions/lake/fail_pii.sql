create or replace function lake.fail_pii(p_item_id bigint, p_revision bigint, p_error text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update lake.pii_scan as s
  set state = 'failed', error = left(p_error, 2000), claimed_until = '-infinity'
  where s.owner_id = (select ops.current_owner()) and s.item_id = p_item_id and s.revision = p_revision;
  return found;
end
$$;

comment on function lake.fail_pii(bigint, bigint, text) is
'Keeps why an item could not be looked through; api.lake_pii_scan has it tried again. False when it has changed
meanwhile. For datapunk_worker only.';
