create or replace function forge.scores_in_sql(p_model text, p_query text, p_options jsonb)
returns table (key text, value double precision, label text, probability double precision)
language plpgsql
volatile
security invoker
rows 100000
set search_path = pg_catalog, pg_temp
as $$
declare
  v_statement text;
begin
  -- A block with a handler is a subtransaction, and at its end PostgreSQL gives the transaction's own mode back.
  begin
    set local transaction_read_only = on;
    v_statement := forge.score_statement(p_model, p_query, p_options);
    if v_statement is null then
      return;
    end if;
    -- Names in the caller's query are looked up as in a dataset.
    set local search_path = pg_catalog, api, public;
    -- A model is one large expression: compiling it takes longer than evaluating it.
    set local jit = off;
    return query execute v_statement;
  exception
    when sqlstate 'DP000' then
      -- Nobody raises it.
      raise;
  end;
end
$$;

comment on function forge.scores_in_sql(text, text, jsonb) is
'Scores a query by an expression of SQL, read only and with the caller''s rights. No rows where the model host is to
score it. SQLSTATE 22023, 42501, DP020, DP021.';
