create or replace function gaia.forget_items(p_item_ids bigint[])
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answers integer;
begin
  with gone as (
    delete from gaia.answer as a
    where a.owner_id = (select ops.current_owner()) and a.id in (
      select c.answer_id
      from gaia.citation as c
      where c.owner_id = (select ops.current_owner()) and c.item_id = any (p_item_ids)
    )
    returning a.conversation_id
  ), unsaid as (
    -- What is left of the conversation is summed up anew with its next turn.
    delete from gaia.conversation_summary as s
    where s.owner_id = (select ops.current_owner()) and s.conversation_id in (select g.conversation_id from gone as g)
  )
  select count(*) into v_answers from gone;
  delete from gaia.conversation as c
  where c.owner_id = (select ops.current_owner()) and v_answers > 0 and not exists (
    select from gaia.answer as a where a.owner_id = c.owner_id and a.conversation_id = c.id
  );
  -- Names are collected again from the items that are left, with the next question.
  if cardinality(p_item_ids) > 0 then
    delete from gaia.name as n where n.owner_id = (select ops.current_owner());
    delete from gaia.name_state as s where s.owner_id = (select ops.current_owner());
  end if;
  return v_answers;
end
$$;

comment on function gaia.forget_items(bigint[]) is
'Deletes the answers that cite any of these items, the summaries of their conversations, and the names collected from
items; returns the number of answers.
Called by lake_forget.';
