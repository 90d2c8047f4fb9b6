create or replace function forge.forget_predictions()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from forge.prediction as p where p.owner_id = ops.current_owner()
$$;

comment on function forge.forget_predictions() is
'Deletes all kept predictions of the current owner, with their features and outcomes. Called by lake_forget for
everything.';
