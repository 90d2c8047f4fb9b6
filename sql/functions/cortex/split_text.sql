create or replace function cortex.split_text(p_head text, p_body text)
returns text[]
language plpython3u
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.split_text(plpy, GD, p_head, p_body)
$$;

comment on function cortex.split_text(text, text) is
'Splits a long text into chunks of about 200 words that end where paragraphs or sentences do, each with p_head before
it. Empty for an empty text.';
