create or replace function cortex.store_embeddings(p_generation_id bigint, p_text_ids bigint[], p_embeddings text[])
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stored integer;
  v_dimensions integer := (select g.dimensions from cortex.generation as g where g.id = p_generation_id);
  v_given integer := public.vector_dims(p_embeddings[1]::public.vector);
begin
  if v_dimensions is null then
    return null;
  end if;
  if v_given <> v_dimensions then
    raise exception 'the model gave % dimensions, generation % has %', v_given, p_generation_id, v_dimensions
      using errcode = '22023', hint = 'Build a new generation for a model of other dimensions.';
  end if;
  with given as (
    select u.text_id, u.embedding::public.halfvec as embedding
    from unnest(p_text_ids, p_embeddings) as u (text_id, embedding)
  ), present as materialized (
    -- A text that was removed meanwhile gets no embedding.
    select t.owner_id, t.id
    from cortex.text as t
    where t.owner_id = (select ops.current_owner()) and t.id = any (p_text_ids)
    order by t.id
    for key share of t
  ), stored as (
    insert into cortex.embedding (owner_id, generation_id, text_id, embedding)
    select p.owner_id, p_generation_id, p.id, g.embedding
    from present as p
    join given as g on g.text_id = p.id
    on conflict do nothing
    returning 1
  ), done as (
    delete from cortex.pending as p
    where p.owner_id = (select ops.current_owner()) and p.generation_id = p_generation_id
      and p.text_id = any (p_text_ids)
  )
  select count(*) into v_stored from stored;
  return v_stored;
end
$$;

comment on function cortex.store_embeddings(bigint, bigint[], text[]) is
'Stores the embeddings of texts and takes them off the backlog; returns how many were new. Storing twice changes
nothing, and there is null to return where the generation is gone. SQLSTATE 22023 for a wrong number of dimensions. For datapunk_worker only.';
