create or replace function api.forge_predict(model text, features jsonb, options jsonb default '{}')
returns jsonb
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.predict(plpy, GD, model, features, options)
$$;

comment on function api.forge_predict(text, jsonb, jsonb) is
'Predicts with the deployed version of a model: {label, probabilities, version} for a classifier, {value, version} for a
regressor; a next_event also says where, in how many hours and when, and takes {} for what comes after the newest event. An entity_recognizer gives the entities: start, end, label and text of each.
A detector of a series also says what it expected, and takes the rows before this one as an array before.
features: an object with the inputs of the model''s signature, as in {"text": "..."}; arrays, ranges,
intervals and the like as to_jsonb makes them, or as their text in SQL. Options: version; key
(what it is about: decides which of several deployed versions answers, and finds the prediction again); log (keep the
prediction in the view predictions, and return its prediction_id). A read-only transaction keeps nothing, nor does it ask
a shadow; with log it is refused (25006). SQLSTATE 22023, DP001 without inference, DP020 without such a model.';
