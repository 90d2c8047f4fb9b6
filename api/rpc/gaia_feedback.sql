create or replace function api.gaia_feedback(answer_id uuid, rating integer, note text default null)
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_question text;
  v_route text;
  v_wanted text;
begin
  if rating is null or rating not between -1 and 1 then
    perform ops.fail('22023', format('rating is %s', coalesce(rating::text, 'null')), 'Allowed: -1, 0, 1.');
  end if;
  if not exists (
    select from gaia.answer as a where a.owner_id = (select ops.current_owner()) and a.id = gaia_feedback.answer_id
  ) then
    perform ops.fail(
      'P0002', format('no answer %s', coalesce(gaia_feedback.answer_id::text, 'without an id')),
      'Take answer_id from a row of gaia_answer or the view answers.'
    );
  end if;
  insert into gaia.feedback as f (answer_id, rating, note)
  values (gaia_feedback.answer_id, gaia_feedback.rating, gaia_feedback.note)
  on conflict on constraint feedback_pk do update
    set rating = excluded.rating, note = excluded.note, created_at = excluded.created_at;
  -- What was right teaches the router the route, what was wrong the one that the note names; a later call takes it back.
  select a.question, a.route into v_question, v_route
  from gaia.answer as a
  where a.owner_id = (select ops.current_owner()) and a.id = gaia_feedback.answer_id;
  delete from gaia.example as e
  where e.owner_id = (select ops.current_owner()) and e.source = 'feedback' and e.text = v_question;
  v_wanted := case gaia_feedback.rating when 1 then v_route when -1 then btrim(gaia_feedback.note) end;
  if length(v_question) <= 500 and (v_wanted = 'none' or exists (
    select from gaia.subroutine as s
    where s.owner_id in ((select ops.current_owner()), 'system') and s.name = v_wanted
  )) then
    insert into gaia.example (subroutine, text, source)
    values (v_wanted, v_question, 'feedback')
    on conflict on constraint example_text_uq do nothing;
  end if;
  return true;
end
$$;

comment on function api.gaia_feedback(uuid, integer, text) is
'Keeps what the owner thinks of an answer: -1 wrong, 0 neither, 1 right, with a note; a later call replaces it.
A right answer becomes an example of its subroutine for the router, a wrong one of the subroutine that the note names.
SQLSTATE 22023 for another rating, P0002 for an unknown answer.';
