create or replace function api.cortex_evaluate(qrels jsonb, options jsonb default '{}')
returns table (metric text, value double precision)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.evaluate(plpy, GD, qrels, options)
$$;

comment on function api.cortex_evaluate(jsonb, jsonb) is
'Judges cortex_search by qrels: searches for each query, and compares what comes with what should.
qrels is an object {query: {item_id: relevance}}, or an array of {query, item_id or external_id, relevance (default 1)}.
Rows: ndcg@10 (gain is the relevance), recall@10, recall@100, mrr@10, means over the queries that have a relevant item;
latency_p50_ms and latency_p95_ms of searches for 100; queries. options: mode, kinds, sources, since, until, attributes, exact,
rerank as for cortex_search, and keep (true: these qrels replace those that are kept to compare generations by).
SQLSTATE 22023 for a bad argument.';
