create or replace function api.forge_score(model text, query text, options jsonb default '{}')
returns table (key text, value double precision, label text, probability double precision)
language plpgsql
volatile
security invoker
rows 100000
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_compiled text;
begin
  -- A block with a handler is a subtransaction, and at its end PostgreSQL gives the transaction's own mode back.
  begin
    set local transaction_read_only = on;
    v_compiled := forge.score_statement(forge_score.model, forge_score.query, forge_score.options);
    if v_compiled is null then
      return query
      select s.key, s.value, b.names[s.label], s.probability
      from forge.score_batches(forge_score.model, forge_score.query, forge_score.options) as b
      cross join lateral unnest(
        b.keys, b.predictions::double precision[], b.labels::integer[], b.probabilities::double precision[]
      ) as s (key, value, label, probability);
    else
      -- Names in the caller's query are looked up as in a dataset.
      set local search_path = pg_catalog, api, public;
      return query execute v_compiled;
    end if;
  exception
    when sqlstate 'DP000' then
      -- Nobody raises it.
      raise;
  end;
end
$$;

comment on function api.forge_score(text, text, jsonb) is
'Predicts for all rows of a query, thousands at a time: value of a regressor, label and its probability of a classifier.
query: one SELECT, or the name of a view; its first column is the key, the others are found by the names of the model''s
features. It runs with the caller''s rights, read only. Options: version; engine (host, sql, or auto: sql where
forge_compile has made a function of the version). SQLSTATE 22023, 42501, DP001 without inference, DP020 without such a
model, DP021 for a query that cannot be used.';
