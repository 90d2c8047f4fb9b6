create or replace function cortex.detect_languages(p_texts text[])
returns text[]
language plpython3u
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.detect_languages(plpy, GD, p_texts)
$$;

comment on function cortex.detect_languages(text[]) is
'The ISO 639-1 code of each text''s language, told by its function words; null for a text that is short or does not
tell.';
