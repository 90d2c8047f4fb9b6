create or replace function forge.score_statement(p_model text, p_query text, p_options jsonb)
returns text
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.score_statement(plpy, GD, p_model, p_query, p_options)
$$;

comment on function forge.score_statement(text, text, jsonb) is
'The statement that scores a query by a compiled version; null where the model host is to score it.
SQLSTATE 22023, 42501, DP020, DP021.';
