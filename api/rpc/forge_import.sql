create or replace function api.forge_import(content bytea, options jsonb default '{}')
returns integer
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.import_version(plpy, GD, content, options)
$$;

comment on function api.forge_import(bytea, jsonb) is
'Takes what forge_export gave as the next version of a model, not deployed; returns its number. Options: signer (public
key of whom you trust, in hex; your own key is trusted), model (another name). SQLSTATE 22023, 23505 when the model is of
another recipe, 42501 for a signer that is not trusted, DP010 for a file that was changed, DP011.';
