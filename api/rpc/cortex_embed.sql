create or replace function api.cortex_embed(input text)
returns public.vector
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.embed(plpy, GD, input)
$$;

comment on function api.cortex_embed(text) is
'The embedding of a text by the active generation''s model, of unit length.
SQLSTATE 22023 for an empty text, DP001 when the model host must answer and does not.';
