create or replace function forge.score_batches(p_model text, p_query text, p_options jsonb)
returns table (
  keys text[], numbers text, predictions text, labels text, probabilities text, names text[], failure text[]
)
language plpython3u
volatile
security invoker
rows 10
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.score(plpy, GD, p_model, p_query, p_options)
$$;

comment on function forge.score_batches(text, text, jsonb) is
'What forge_score unpacks: some thousand rows in each row, their keys (arrays as texts of those that are whole numbers),
and arrays as texts of the values, of the numbers of the labels among names, and of the labels'' probabilities. No rows
where SQL is to score them. An error is a last row, for forge.raised: its SQLSTATE, message, hint and detail.';
