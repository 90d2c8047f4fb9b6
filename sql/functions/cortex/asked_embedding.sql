create or replace function cortex.asked_embedding(p_query text)
returns text
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.asked_embedding(plpy, GD, p_query)
$$;

comment on function cortex.asked_embedding(text) is
'The embedding of a query by the active generation''s model: the answer of the model host, which api.cortex_search has
asked already, so that words are ranked meanwhile. Null when there is no model or host: the words alone answer then.';
