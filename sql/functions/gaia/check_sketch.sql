create or replace function gaia.check_sketch(p_question text, p_sketch jsonb, p_language text)
returns jsonb
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.check_sketch(plpy, GD, p_question, p_sketch, p_language)
$$;

comment on function gaia.check_sketch(text, jsonb, text) is
'The plan that a language model has sketched for a question: its steps, with times and names as the owner''s data have
them, and the parts of the question that they answer. Checked against the subroutines that are offered to models and what
these read. SQLSTATE 22023 with the step that is wrong in message and hint.';
