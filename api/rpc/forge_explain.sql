create or replace function api.forge_explain(model text, features jsonb, options jsonb default '{}')
returns table (feature text, value text, contribution double precision)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.explain(plpy, GD, model, features, options)
$$;

comment on function api.forge_explain(text, jsonb, jsonb) is
'Shapley values of a prediction: the base, which is what the model gives on average, then how much each feature moved it
from there, the largest first. They sum to the model''s raw output: log-odds for logistic models and boosted trees, else
the probability, value, score, or distance to the cluster. Exact for linear models and trees, sampled for others; of a text, word by word.
Options: label (whose output is explained; the predicted one unless given), samples (20), seed, version.
SQLSTATE 22023, DP001, DP020.';
