create or replace function lake.came_by(p_item_id bigint, p_at timestamptz)
returns boolean
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
-- Part of the policy that hides items from datasets, and so not under it.
set "datapunk.reading" = ''
as $$
begin
  return exists (
    select from lake.item as i
    where i.owner_id = (select ops.current_owner()) and i.id = p_item_id and i.created_at <= p_at
  );
end
$$;

comment on function lake.came_by(bigint, timestamptz) is
'Whether an item of the owner had come to the lake by then.';
