create or replace function api.cortex_search(query text, k integer default 10, options jsonb default '{}')
returns setof cortex.found_item
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.search(plpy, GD, query, k, options)
$$;

comment on function api.cortex_search(text, integer, jsonb) is
'Finds items by words and by meaning, best first.
query: words; "a phrase" that must be there; a prefix*. Ranks distinct texts by BM25 and by vector similarity and fuses both
scores; a text that many items repeat is named once,
by the newest item, with the number of items in repeats. options: mode (hybrid, lexical, semantic), kinds, sources (lists
of texts), since, until (ISO 8601; until is not included), attributes (an object that an item''s attributes contain, as in
{"channel": "Slow Brew"}), exact (no vector index), rerank. k is 1 to 1000. Items of a
secret kind (view sensitivities) are found when kinds names it. New items
are found by words at once, by meaning when a worker has embedded them. SQLSTATE 22023 for a bad argument, DP002 in mode
semantic while nothing is embedded.';
