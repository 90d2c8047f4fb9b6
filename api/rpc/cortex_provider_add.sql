create or replace function api.cortex_provider_add(name text, kind text, options jsonb default '{}')
returns text
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.provider_add(plpy, GD, name, kind, options)
$$;

comment on function api.cortex_provider_add(text, text, jsonb) is
'Adds a provider of a model, or changes how it is reached; returns its name, which cortex_switch and gaia_ask_async
take.
kind and its options: openai (base_url, model; secret, batch, timeout_s, dimensions): an endpoint that speaks OpenAI''s
embeddings. sentence_transformers (model: a name or a folder that the worker reads; device: auto, cpu or cuda). static
(model, the one to distil, default the default model; dimensions): tables instead of a network, for backlogs of millions.
rerank (base_url, model; secret, timeout_s): an endpoint with /rerank, whose scores come in Cohere''s form or in
a list of OpenAI''s. cross_encoder (model: a name or
folder). The newest of the last two serves the option rerank of cortex_search. chat (model; protocol: openai, anthropic or
gemini; base_url, secret, timeout_s, max_tokens of an answer, context_tokens; price_in and price_out of a million tokens;
options, sent along as they are; structured, how its server takes the schema of an answer: schema, json or text): a
language model for gaia_ask_async. secret is the name of a secret: workers
look for the variable DATAPUNK_SECRET_NAME in their environment, then for what cortex_secret_set keeps. For the role
datapunk. SQLSTATE 22023 for a bad argument, 23505 when the name stands for another model.';
