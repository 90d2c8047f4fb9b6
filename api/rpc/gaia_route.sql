create or replace function api.gaia_route(question text, options jsonb default '{}')
returns table (subroutine text, score real, likeness real, nearest jsonb)
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
Likeness says how much more like the subroutine''s examples the question is than it has to be, as a logit:
where it is below 0 for the best one, none comes first; null until a router is trained. With the option explain, nearest
has the examples of the best three that are nearest to the question, with their similarity.
Answers nothing and stores no answer; it may fit the router anew when examples have changed. Options as gaia_ask, and
explain. SQLSTATE 22023, DP001, DP002.';
