create or replace function cortex.judgments()
returns table (query text, item_ids bigint[], relevances integer[])
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select j.query, array_agg(j.item_id order by j.item_id), array_agg(j.relevance order by j.item_id)
  from cortex.judgment as j
  where j.owner_id = (select ops.current_owner())
  group by j.query
  order by j.query;
$$;

comment on function cortex.judgments() is
'The judgments that the current owner keeps, a row a query. For datapunk_worker only.';
