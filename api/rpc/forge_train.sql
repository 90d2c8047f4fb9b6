create or replace function api.forge_train(model text, recipe text, dataset text, options jsonb default '{}')
returns bigint
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.train(plpy, GD, model, recipe, dataset, options)
$$;

comment on function api.forge_train(text, text, text, jsonb) is
'Asks for a training and returns the job''s id; a worker does it, and the view jobs shows how far it is.
dataset: one SELECT, or the name of a view or table; it is read later, with the caller''s rights, in a read-only
transaction, in which unqualified names are looked up in api and public. The view recipes lists recipes and options.
SQLSTATE 22023 for a wrong recipe or option, 23505 when the model is of another recipe, 42501, DP021 for a dataset that
cannot be used.';
