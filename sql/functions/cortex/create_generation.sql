create or replace function cortex.create_generation(p_model text, p_dimensions integer)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
  v_partition text;
begin
  insert into cortex.generation (model, dimensions) values (p_model, p_dimensions) returning id into v_id;
  v_partition := format('embedding_%s', v_id);
  execute format('create table cortex.%I partition of cortex.embedding for values in (%s)', v_partition, v_id);
  execute format('alter table cortex.%I owner to datapunk_owner', v_partition);
  execute format('alter table cortex.%I enable row level security, force row level security', v_partition);
  execute format(
    'create policy owner_only on cortex.%I using (owner_id = (select ops.current_owner()))', v_partition
  );
  execute format(
    'create index %I on cortex.%I using hnsw ((embedding::public.halfvec(%s)) public.halfvec_cosine_ops)',
    v_partition || '_hnsw_ix', v_partition, p_dimensions
  );
  execute format('comment on table cortex.%I is %L', v_partition, 'Embeddings by ' || p_model || '.');
  return v_id;
end
$$;

comment on function cortex.create_generation(text, integer) is
'Creates a generation in state building, with the partition and the HNSW index of its embeddings; returns its id.
SECURITY DEFINER because it creates a table; not for people.';
