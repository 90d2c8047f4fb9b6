create or replace function gaia.search(p_parameters jsonb)
returns jsonb
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.search(plpy, GD, p_parameters)
$$;

comment on function gaia.search(jsonb) is
'Subroutine search: the passages that answer a question, and the sentence that says so. Looks among mails, messages,
events, notes and documents first unless the question names another kind; where nothing fits, a time or kind that it
names is left out, and data.relaxed says which. data: found (0 when nothing fits), note (of the owner''s notes
to Gaia, when one says it), quote (item_id, text), relaxed,
passages (item_id, score, text). Cites the passages. What the people wrote whom the question names comes first.';
