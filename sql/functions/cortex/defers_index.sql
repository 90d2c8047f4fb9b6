create or replace function cortex.defers_index(p_items integer)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at_once constant integer := coalesce(nullif(current_setting('datapunk.index_at_once', true), ''), '2000')::integer;
  v_most constant integer := 50000;
begin
  if p_items <= v_at_once or current_setting('datapunk.indexing', true) = 'at_once' then
    return false;
  end if;
  -- Somebody must be there to index them, and must not be left behind.
  return cortex.is_tended() and p_items + (
    select coalesce(sum(u.items), 0) from cortex.unindexed as u where u.owner_id = (select ops.current_owner())
  ) <= v_most;
end
$$;

comment on function cortex.defers_index(integer) is
'Whether a statement that wrote so many items leaves the lexical index to a worker: when they are more than the setting
datapunk.index_at_once says (default 2,000), a worker runs, and not more than 50,000 items wait then. An import in one
transaction sets datapunk.indexing to at_once: what it writes nobody else could index before it ends.';
