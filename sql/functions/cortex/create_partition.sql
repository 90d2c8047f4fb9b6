create or replace function cortex.create_partition(p_generation_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  v_partition constant text := format('embedding_%s', p_generation_id);
begin
  if to_regclass(format('cortex.%I', v_partition)) is not null then
    return false;
  end if;
  -- Attached rather than created as a partition: searches and writers need not wait for that.
  execute format(
    'create table cortex.%I (like cortex.embedding including defaults including comments,
       constraint %I check (generation_id = %s))',
    v_partition, v_partition || '_generation_ck', p_generation_id
  );
  execute format('alter table cortex.%I enable row level security, force row level security', v_partition);
  execute format(
    'create policy owner_only on cortex.%I using (owner_id = (select ops.current_owner()))', v_partition
  );
  execute format(
    'alter table cortex.embedding attach partition cortex.%I for values in (%s)', v_partition, p_generation_id
  );
  execute format(
    'comment on table cortex.%I is %L', v_partition, format('Embeddings of generation %s.', p_generation_id)
  );
  execute format('alter table cortex.%I owner to datapunk_indexer', v_partition);
  return true;
end
$$;

comment on function cortex.create_partition(bigint) is
'Creates the partition of a generation''s embeddings, without a vector index; false when it is there. Its owner is
datapunk_indexer, which indexes it while it is in use. SECURITY DEFINER because it creates a table; for datapunk_worker
only.';
