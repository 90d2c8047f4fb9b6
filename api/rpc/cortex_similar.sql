create or replace function api.cortex_similar(item_id bigint, k integer default 10)
returns setof cortex.found_item
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.similar(plpy, GD, item_id, k)
$$;

comment on function api.cortex_similar(bigint, integer) is
'The items whose text is most like that of one item, those of secret kinds left out; the columns of cortex_search.
SQLSTATE P0002 when there is no such item, DP002 when it is not embedded yet, 22023 for a bad k.';
