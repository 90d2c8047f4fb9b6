create or replace function cortex.split_text(p_head text, p_body text)
returns text[]
language plpython3u
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.cortex import entry
  return entry.split_text(plpy, GD, p_head, p_body)
$$;

comment on function cortex.split_text(text, text) is
'Splits a long text into chunks that the model of the active generation reads whole, counted in its tokens. They end
with a section, a message, a paragraph, a list item or a sentence; each has p_head before it, and the heading that it
stands under. Empty for an empty text.';
