create or replace function api.forge_card(model text, version integer default null)
returns text
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.card(plpy, GD, model, version)
$$;

comment on function api.forge_card(text, integer) is
'The model card in Markdown: purpose, data, metrics beside the baseline, limits, how it was made. Of the version that
answers now, or of the one named. SQLSTATE DP020.';
