create or replace function api.cortex_embed_many(inputs text[])
returns table (ordinal integer, embedding public.vector)
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.embed_many(plpy, GD, inputs)
$$;

comment on function api.cortex_embed_many(text[]) is
'The embeddings of several texts, of unit length, with the position of each from 1.
SQLSTATE 22023 for an empty text, DP001 when the model host must answer and does not.';
