create or replace function api.gaia_replay(answer_id uuid)
returns table (
  answer_id uuid, conversation_id uuid, answer text, route text, confidence real, citations jsonb, data jsonb,
  plan jsonb, latency_ms real, same boolean
)
language plpython3u
volatile
rows 1
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.replay(plpy, GD, answer_id)
$$;

comment on function api.gaia_replay(uuid) is
'Answers the question of a stored answer again, as a new answer; same tells whether route and figures are as before.
SQLSTATE P0002 for an unknown answer.';
