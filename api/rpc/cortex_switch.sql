create or replace function api.cortex_switch(model text, options jsonb default '{}')
returns bigint
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.switch(plpy, GD, model, options)
$$;

comment on function api.cortex_switch(text, jsonb) is
'Changes the embedding model: workers build a generation beside the one that searches read, which then takes its place.
Returns the new generation''s number at once; cortex_wait waits for it, the view generations shows how far it is and, when
it is built, how much of the first ten results stays (overlap_at_10) and the quality of both. One that is worse by the
judgments that are kept, or was trained by Forge while there are none, stays ready until cortex_switch is called again. model is a provider (view
providers) or an embedder among the models. A kept generation of that model is caught up instead of built anew; one that
is ready is switched to in this statement. options: activate (when_ready, or manual: call again to switch), keep (how
long the old one stays for cortex_rollback, an interval, default 30 days), rebuild (true: anew, though the model is the
same), qrels (judgments to compare both by, as for cortex_evaluate). For the role datapunk. SQLSTATE 22023, DP020 for an
unknown model, 23505 while a generation of another model is being built, 55P03 when answers in progress take too long.';
