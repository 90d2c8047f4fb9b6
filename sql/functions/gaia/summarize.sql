create or replace function gaia.summarize(p_parameters jsonb)
returns jsonb
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.summarize(plpy, GD, p_parameters)
$$;

comment on function gaia.summarize(jsonb) is
'Subroutine summarize: the sentences that say most of what the matching mails, messages, notes and documents say, in
their own words. data: count (of items), read (of them, the newest), sentences of item_id and text in the order of
time. Cites their items.';
