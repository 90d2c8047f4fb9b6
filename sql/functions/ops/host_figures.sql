create or replace function ops.host_figures()
returns table (name text, labels jsonb, value double precision)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.ops import entry
return entry.host_figures(plpy, GD)
$$;

comment on function ops.host_figures() is
'What the model host counts, named and labelled as Prometheus does: requests, texts, models, and predictions by whether
they were known. No row where no host answers within a second.';
