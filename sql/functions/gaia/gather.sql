create or replace function gaia.gather(p_question text, p_options jsonb, p_max_tokens integer, p_written jsonb)
returns jsonb
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.gather(plpy, GD, p_question, p_options, p_max_tokens, p_written)
$$;

comment on function gaia.gather(text, jsonb, integer, jsonb) is
'What a language model needs to word the answer to a question: the answer made without it, its figures and citations,
passages of about p_max_tokens tokens, and what the owner''s policy lets the model do; planner holds what it is told
where it is to write a plan first. With p_written (steps, parts, written_by) the answer is that of this plan, run read
only. Null where the question is an order to Gaia (remember, forget) or about Gaia itself, which no model has to word.
SQLSTATEs as api.gaia_answer; 22023 for a plan that calls what is not offered.';
