create or replace function api.gaia_answer(question text, options jsonb default '{}')
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
  return entry.answer(plpy, GD, question, options)
$$;

comment on function api.gaia_answer(text, jsonb) is
'Like gaia_ask, as a row: the answer with its route, confidence (0 to 1), citations, figures (data) and plan.
citations: array of {ordinal, item_id, kind, source, title, url, occurred_at, snippet}. Of a question of several parts
the route is plan, and data.parts has the figures of each. Where no subroutine fits,
route is none and the answer says so. SQLSTATEs as gaia_ask.';
