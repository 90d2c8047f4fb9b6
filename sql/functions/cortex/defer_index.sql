create or replace function cortex.defer_index(p_least integer)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_generation constant bigint := (select g.id from cortex.generation as g where g.state = 'active');
  v_index constant regclass := to_regclass(format('cortex.%I', format('embedding_%s_hnsw_ix', v_generation)));
  v_waiting bigint;
begin
  -- Only an index that holds next to nothing: 4 MB are some 3,000 vectors, which an exact scan compares in no time.
  if v_index is null or pg_relation_size(v_index) > 4194304 then
    return false;
  end if;
  select count(*) into v_waiting
  from (
    select
    from cortex.pending as p
    where p.owner_id = (select ops.current_owner()) and p.generation_id = v_generation and not p.failed
    limit p_least
  ) as w;
  if v_waiting < p_least then
    return false;
  end if;
  execute format('drop index cortex.%I', format('embedding_%s_hnsw_ix', v_generation));
  return true;
exception
  when lock_not_available then
    return false;
end
$$;

comment on function cortex.defer_index(integer) is
'Before a first bulk load: drops the active generation''s vector index when it holds next to nothing and p_least texts
or more wait, so that it is built once, afterwards. Searches compare all vectors meanwhile. False when it is left, also
when searches hold it. For datapunk_worker only.';
