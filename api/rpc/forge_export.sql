create or replace function api.forge_export(model text, version integer default null)
returns bytea
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.export_version(plpy, GD, model, version)
$$;

comment on function api.forge_export(text, integer) is
'A version as one file, for forge_import in another database: a zip with its row, metrics and artefacts, signed with a
key of yours that is made at the first export (its public half is signer in the view signing_keys). Of a recommender it
holds what each subject had. The dataset''s query stays here. SQLSTATE DP020.';
