create or replace function cortex.index_plan(p_generation_id bigint)
returns table (index_name text, dimensions integer, m integer, ef_construction integer, memory_mb integer, stale text[])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_partition constant regclass := to_regclass(format('cortex.%I', format('embedding_%s', p_generation_id)));
  v_rows bigint;
begin
  if v_partition is null then
    return;
  end if;
  select g.dimensions into dimensions from cortex.generation as g where g.id = p_generation_id;
  -- A halfvec has two bytes a dimension; with its keys and header a row takes some 70 more.
  v_rows := pg_relation_size(v_partition) / (2 * dimensions + 70);
  -- A large graph is searched with more effort (cortex.index_effort) and not built with more: that would take hours.
  m := 16;
  ef_construction := case when v_rows < 100000 then 64 else 128 end;
  index_name := format(
    'embedding_%s_hnsw%s_ix', p_generation_id, case when v_rows < 100000 then '' else format('_%s_%s', m, ef_construction) end
  );
  -- The graph is built in memory as long as it fits, which is several times as fast. Whoever set the server up knows its
  -- memory: as much as maintenance may take, or as it shares, usually a quarter.
  memory_mb := least(
    greatest(64, v_rows * (2 * dimensions + 24 * m + 120) / 1000000 * 5 / 4),
    greatest(
      pg_size_bytes(current_setting('maintenance_work_mem')), pg_size_bytes(current_setting('shared_buffers'))
    ) / 1048576
  );
  stale := array(
    select c.relname
    from pg_catalog.pg_index as i
    join pg_catalog.pg_class as c on c.oid = i.indexrelid
    join pg_catalog.pg_am as a on a.oid = c.relam and a.amname = 'hnsw'
    where i.indrelid = v_partition and (not i.indisvalid or c.relname <> index_name)
    order by c.relname
  );
  if exists (
    select
    from pg_catalog.pg_index as i
    where i.indrelid = v_partition and i.indisvalid and i.indexrelid = to_regclass(format('cortex.%I', index_name))
  ) then
    m := null;
  end if;
  return next;
end
$$;

comment on function cortex.index_plan(bigint) is
'The vector index that a generation should have at its size: name, parameters (m is null when it is there), memory for
building it, and indexes that it makes needless. No row without a partition. For datapunk_worker only.';
