create or replace function api.gaia_ask(question text, options jsonb default '{}')
returns text
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.ask(plpy, GD, question, options)
$$;

comment on function api.gaia_ask(text, jsonb) is
'Answers a question from the owner''s own data, with numbered citations. Routes the question to a subroutine, runs it
with the caller''s rights and stores the answer with citations, plan and timings (gaia_trace). options:
conversation_id, subroutine (skips the routing), model (of a recommendation; a language model answers by
gaia_ask_async alone), mode (fast, deliberate: by a plan of several steps, or auto), max_tokens, language (en), kind (of
thing that it is about: what is secret, as security_event, is left out unless it is named).
SQLSTATE 22023 for a bad argument, P0002 for an unknown conversation or subroutine, DP020 for an unknown model, DP001
when the model host must answer and does not.';
