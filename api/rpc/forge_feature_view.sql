create or replace function api.forge_feature_view(name text, spec jsonb)
returns text
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.forge import entry
return entry.feature_view(plpy, GD, name, spec)
$$;

comment on function api.forge_feature_view(text, jsonb) is
'Defines a feature view, or defines it anew: a dataset for forge_train with what was known before each row''s time.
spec: {spine, entity, time, features: [{name, from, entity, time, column, aggregate, window}], description, ttl}.
spine and from are a SELECT or the name of a view; aggregate is count, sum, avg, min, max, last or age (seconds since
the latest event); window is a duration as in 7 days, ttl how long rows that were read serve further trainings.
Only events strictly earlier than the row''s time count. Returns the name. SQLSTATE 22023, 42501, DP021.';
