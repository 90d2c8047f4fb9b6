create or replace function api.gaia_run(name text, input jsonb default '{}', options jsonb default '{}')
returns table (
  answer_id uuid, conversation_id uuid, answer text, route text, confidence real, citations jsonb, data jsonb,
  plan jsonb, latency_ms real
)
language plpython3u
volatile
rows 1
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.run(plpy, GD, name, input, options)
$$;

comment on function api.gaia_run(text, jsonb, jsonb) is
'Runs a pipeline of the owner, or a subroutine, by its name with the given input, and stores the answer as gaia_answer
does: gaia_trace has a span for each step, gaia_replay runs it again. data is the pipeline''s output; plan tells how
each step ended. options: conversation_id, max_tokens. SQLSTATE 22023 for a bad input, P0002 for an unknown name or
conversation.';
