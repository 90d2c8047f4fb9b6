-- Functions that go before the load, since `create or replace` can neither take them away nor change what they return.
do $$
begin
  -- Did not count by table.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('api.lake_forget(jsonb)') and not 'by_table' = any (p.proargnames)
  ) then
    drop function api.lake_forget(jsonb);
  end if;
  -- Returned no protocol.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('cortex.provider_of(text)') and not 'protocol' = any (p.proargnames)
  ) then
    drop function cortex.provider_of(text);
  end if;
  -- Explained nothing.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('api.gaia_route(text, jsonb)') and not 'likeness' = any (p.proargnames)
  ) then
    drop function api.gaia_route(text, jsonb);
  end if;
  -- Raised its errors, in words of PL/Python.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('forge.score_batches(text, text, jsonb)') and not 'failure' = any (p.proargnames)
  ) then
    drop function api.forge_score(text, text, jsonb);
    drop function forge.score_batches(text, text, jsonb);
  end if;
  -- Returned no SQLSTATE.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('api.gaia_result(bigint)') and not 'sqlstate' = any (p.proargnames)
  ) then
    drop function api.gaia_result(bigint);
  end if;
  -- Returned keys only as an array of texts.
  if exists (
    select from pg_proc as p
    where p.oid = to_regprocedure('forge.score_batches(text, text, jsonb)') and not 'numbers' = any (p.proargnames)
  ) then
    drop function forge.score_batches(text, text, jsonb);
  end if;
end
$$;

-- Took fewer arguments.
drop function if exists forge.deploy_version(bigint, text);
drop function if exists api.lake_resolve();
drop function if exists forge.log_prediction(bigint, jsonb, jsonb);
drop function if exists forge.mark_stale(text);
drop function if exists forge.recommend(text, bigint, text, integer, boolean);
drop function if exists forge.recommend_diverse(text, bigint, text, integer, boolean, double precision);

-- Took the newest model, whatever it had learned; gaia.fitting_model took its place.
drop function if exists gaia.deployed_model(text[], text);

-- Named the parts whose rows it counted; forge.rows_since asks the function that a recipe names.
drop function if exists forge.newest_row(text);

-- The effort for a large graph is chosen within cortex.semantic_ranking.
drop function if exists cortex.semantic_ranking_of_many(
  text, integer, boolean, bigint[], text[], text[], timestamptz, timestamptz
);

-- Did not filter by attributes.
drop function if exists cortex.filtered_texts(text[], text[], timestamptz, timestamptz, integer);
drop function if exists cortex.indexed_ranking(
  public.halfvec, bigint, integer, integer, text[], text[], timestamptz, timestamptz
);
drop function if exists cortex.indexed_ranking_of_many(
  public.halfvec, bigint, integer, integer, text[], text[], timestamptz, timestamptz
);
drop function if exists cortex.lexical_ranking(
  text, integer, bigint[], text[], text[], timestamptz, timestamptz
);
drop function if exists cortex.rank_blocks(
  tid[], integer[], double precision[], integer[], text[], double precision[], double precision, double precision,
  integer, text[], text[], timestamptz, timestamptz, boolean
);
drop function if exists cortex.search(
  text, text, integer, integer, boolean, text[], text[], timestamptz, timestamptz
);
drop function if exists cortex.semantic_ranking(
  text, integer, boolean, bigint[], text[], text[], timestamptz, timestamptz
);
drop function if exists cortex.tail_ranking(text, integer, text[], text[], timestamptz, timestamptz);
drop function if exists cortex.text_scores(
  bigint[], text[], double precision[], double precision, double precision, text[], text[], timestamptz, timestamptz
);

-- Took no plan that a language model has written.
drop function if exists gaia.gather(text, jsonb, integer);

-- Made columns that nobody read.
drop function if exists gaia.matching_items(jsonb);

-- Counted items of the lake alone.
drop function if exists forge.run_schedule(text);
-- Made each number anew for each comparison of a tree.
drop function if exists forge.native_sql(jsonb, text[]);
drop function if exists forge.tree_sql(jsonb, integer, integer, text[]);
drop function if exists forge.trees_sql(jsonb, integer, text[]);

-- Raised an error for numbers that float4 does not hold.
drop function if exists forge.linear_sql(jsonb, integer, text[], boolean);
