create or replace function lake.release_pii(p_item_ids bigint[])
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update lake.pii_scan as s
  set claimed_until = '-infinity', attempts = greatest(s.attempts - 1, 0)
  where s.owner_id = (select ops.current_owner()) and s.item_id = any (p_item_ids) and s.state = 'waiting';
$$;

comment on function lake.release_pii(bigint[]) is
'Gives back items that were taken and not looked through. For datapunk_worker only.';
