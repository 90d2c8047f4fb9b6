create or replace function api.gaia_feedback(answer_id uuid, rating integer, note text default null)
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
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
  return true;
end
$$;

comment on function api.gaia_feedback(uuid, integer, text) is
'Keeps what the owner thinks of an answer: -1 wrong, 0 neither, 1 right, with a note; a later call replaces it.
SQLSTATE 22023 for another rating, P0002 for an unknown answer.';
