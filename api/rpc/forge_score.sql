create or replace function api.forge_score(model text, query text, options jsonb default '{}')
returns table (key text, value double precision, label text, probability double precision)
language sql
stable
security invoker
rows 100000
-- Its names were looked up when it was made. Without a setting of its own it becomes part of the statement that calls
-- it, so that no row waits in a file for the last one. One of the two branches has no rows.
begin atomic
  select c.key, c.value, c.label, c.probability
  from forge.scores_in_sql(model, query, options) as c
  union all
  select r.key, r.value, r.names[r.label] as label, r.probability
  from (
    select
      unnest(coalesce((b.batch).keys, (b.batch).numbers::text[])) as key,
      unnest((b.batch).predictions::double precision[]) as value,
      unnest((b.batch).labels::integer[]) as label,
      unnest((b.batch).probabilities::double precision[]) as probability,
      (b.batch).names as names
    from (select forge.score_batches(model, query, options) as batch) as b
    where not forge.raised((b.batch).failure)
  ) as r;
end;

comment on function api.forge_score(text, text, jsonb) is
'Predicts for all rows of a query, thousands at a time: value of a regressor, label and its probability of a classifier.
query: one SELECT, or the name of a view; its first column is the key, the others are found by the names of the model''s
features. Rows of a series come in the order of time, each judged by those before it. It runs with the caller''s rights,
read only. Options: version; engine: host (the model host), sql (an
expression of the query''s columns, for linear models and trees over numbers, booleans, categories and times), or auto,
the quicker of both. SQLSTATE 22023, 42501, DP001 without inference, DP020 without such a model, DP021 for a query that
cannot be used.';
