create or replace function api.gaia_route(question text, options jsonb default '{}')
returns table (subroutine text, score real)
language plpython3u
volatile
rows 10
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.route(plpy, GD, question, options)
$$;

comment on function api.gaia_route(text, jsonb) is
'Which subroutines a question is for, by calibrated probability, best first; none where nothing fits.
Answers nothing and stores no answer; it may fit the router anew when examples have changed. Options as gaia_ask.
SQLSTATE 22023, DP001, DP002.';
