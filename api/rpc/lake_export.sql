create or replace function api.lake_export(
  format text default 'jsonl',
  options jsonb default '{}'
)
returns setof jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- In the select list, not in FROM, so that rows are handed on one by one.
select lake.export_rows(f.kinds, f.sources, f.since, f.until)
from lake.export_filter(format, options) as f;
$$;

comment on function api.lake_export(text, jsonb) is
'Everything that you keep, one object a row: items as lake_append takes them, with their identity, then objects of the
kinds position and measurement. What is exported comes back by lake_append or `datapunk import`, for you as nothing new
and for another owner as the same items.
options: kinds, sources (lists of texts), since, until (ISO 8601; until is not included), sensitivity (personal leaves out
what is private or secret, and so on; without it everything goes). format: jsonl; the command `datapunk export` writes
Parquet too. A cursor over `select lake_export()` reads in constant memory. SQLSTATE 22023 for a bad argument.';
