create or replace function api.cortex_context(question text, options jsonb default '{}')
returns table (context text, citations jsonb, tokens integer)
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return [entry.context(plpy, GD, question, options)]
$$;

comment on function api.cortex_context(text, jsonb) is
'The passages that a language model needs to answer a question, numbered, in order of time, within a budget.
options: max_tokens (50 to 100000, default 1000; by the tokenizer of the embedding model), kinds, sources, since, until,
attributes as for cortex_search.
Neighbours of what was found come along as far as they fit: the chunks before and after it, the messages before and after
it in its conversation. Near-duplicates are left out, and items of secret kinds unless kinds names them. citations: array
of {number, item_id, kind, occurred_at, title, url, score}. SQLSTATE 22023 for a bad argument.';
