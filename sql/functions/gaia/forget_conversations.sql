create or replace function gaia.forget_conversations()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answers integer;
begin
  delete from gaia.answer as a where a.owner_id = (select ops.current_owner());
  get diagnostics v_answers = row_count;
  delete from gaia.conversation as c where c.owner_id = (select ops.current_owner());
  return v_answers;
end
$$;

comment on function gaia.forget_conversations() is
'Deletes all answers of the current owner, with their questions, and the conversations; returns the number of answers.
Called by lake_forget for everything.';
