create or replace function gaia.collect_names()
returns void
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.gaia import entry
return entry.collect_names(plpy, GD)
$$;

comment on function gaia.collect_names() is
'Takes the channels, sites and people of new items in, by which questions name them. Imports end with it, so that the
first question does not wait; what lake_append adds is taken in by the next question.';
