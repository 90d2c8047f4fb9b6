create or replace function ops.host_health()
returns table (component text, status text, detail text)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.ops import entry
return entry.host_health(plpy, GD)
$$;

comment on function ops.host_health() is
'The part of ops_health about the model host: whether it answers on its socket, and what serves without it.';
