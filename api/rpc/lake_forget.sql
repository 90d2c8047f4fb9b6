create or replace function api.lake_forget(
  filter jsonb
)
returns table (
  items integer,
  chunks integer,
  answers integer,
  models_marked integer,
  by_table jsonb
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.forget_items(plpy, GD, filter)]
$$;

comment on function api.lake_forget(jsonb) is
'Deletes items with their chunks and the answers that cite them, and marks the models trained on them.
Filter: item_ids, source, kind (each one or an array), import_id, since, until (occurred in [since, until)); items that
meet all conditions go, positions and measurements too unless item_ids or kind is given; items counts all three.
What could not be read of a source or an import goes with it. {"owner_all": true} forgets everything, with all answers
and kept predictions; models stay, are trained again or answer no more, by on_forget of forge_policy.
by_table tells how many rows went from each table, what was derived from items too. Noted in the view audit. 22023 for an
empty or unknown filter.';
