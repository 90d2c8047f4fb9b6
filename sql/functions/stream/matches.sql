create or replace function stream.matches(p_pattern text, p_topic text)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- Each word brings the dot before it, so that # may stand for none at all. Words hold nothing that needs an escape.
  select '.' || p_topic ~ (
    '^' || replace(replace(replace('.' || p_pattern, '.', '\.'), '\.*', '\.[^.]+'), '\.#', '(?:\.[^.]+)*') || '$'
  );
$$;

comment on function stream.matches(text, text) is
'Whether a topic fits a pattern, as topics of AMQP do.
* stands for one word, # for any number of words, none included.';
