create or replace function api.gaia_trace(answer_id uuid)
returns table (ordinal integer, name text, started_ms real, duration_ms real, detail jsonb)
language plpgsql
stable
security invoker
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from gaia.answer as a where a.owner_id = (select ops.current_owner()) and a.id = gaia_trace.answer_id
  ) then
    perform ops.fail(
      'P0002', format('no answer %s', coalesce(gaia_trace.answer_id::text, 'without an id')),
      'Take answer_id from a row of gaia_answer or the view answers.'
    );
  end if;
  return query
    select s.ordinal, s.name, s.started_ms, s.duration_ms, s.detail
    from gaia.answer as a
    cross join jsonb_to_recordset(a.spans)
      as s (ordinal integer, name text, started_ms real, duration_ms real, detail jsonb)
    where a.owner_id = (select ops.current_owner()) and a.id = gaia_trace.answer_id
    order by s.ordinal;
end
$$;

comment on function api.gaia_trace(uuid) is
'The steps of an answer in order, with milliseconds from the question and of each step, and what it worked with.
SQLSTATE P0002 for an unknown answer.';
