create or replace function gaia.fitting_model(p_parameters jsonb, p_recipes text[])
returns jsonb
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.fitting_model(plpy, GD, p_parameters, p_recipes)
$$;

comment on function gaia.fitting_model(jsonb, text[]) is
'The owner''s newest deployed model of these recipes that learned what a question (p_parameters) is about, or is named
by it (model). Returns model (null for none), series (what of its forecasts the question is limited to) and trained:
what there is, rows of name and of.';
