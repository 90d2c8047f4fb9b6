create or replace function cortex.create_generation(p_model text, p_dimensions integer)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
begin
  insert into cortex.generation (model, dimensions) values (p_model, p_dimensions) returning id into v_id;
  perform cortex.create_partition(v_id);
  execute format(
    'create index %I on cortex.%I using hnsw ((embedding::public.halfvec(%s)) public.halfvec_cosine_ops)',
    format('embedding_%s_hnsw_ix', v_id), format('embedding_%s', v_id), p_dimensions
  );
  return v_id;
end
$$;

comment on function cortex.create_generation(text, integer) is
'Creates a generation in state building, with the partition and the HNSW index of its embeddings; returns its id.
SECURITY DEFINER because it creates a table; not for people.';
