create or replace function api.gaia_ask_async(question text, options jsonb default '{}')
returns bigint
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.ask_async(plpy, GD, question, options)
$$;

comment on function api.gaia_ask_async(text, jsonb) is
'Asks a question that a worker answers; returns its job_id at once, for gaia_result and gaia_cancel. Each new status
is notified on the channel datapunk_gaia as {job_id, status}. The worker answers with the caller''s rights, time
zone and language. Options as gaia_answer; model may also name a language model (a provider of the kind chat), which
words the answer from what the subroutine found, outside of any transaction; each sentence is checked. Where the
question is not read with certainty without it, or mode is deliberate, the model writes a plan first, which is checked
and runs read only (plan: written_by, language_model.planning). SQLSTATE 22023, DP020, 42501 where workers may not act as the caller''s role.';
