create or replace function api.stream_subscribe(pattern text, handler text)
returns bigint
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.stream import entry
  return entry.subscribe(plpy, GD, pattern, handler)
$$;

comment on function api.stream_subscribe(text, text) is
'Has a function called for each message of the owner whose topic fits the pattern, from now on; returns the
subscription''s id. pattern: words joined by dots, * for any one word, # for any number of words, as in lake.item.* or
lake.#. handler: a function (jsonb) returns jsonb, named with its schema; it gets {topic, message_id, published_at,
attempt, payload}, and what it returns is not kept. A worker calls it with the caller''s owner and role, soon after the
publishing transaction has committed, in a transaction of its own of at most 60 s, and unqualified names are looked up in
api and public. A call that fails is made again up to 4 times, ever later; then the message is in the view dead_letters.
Messages come at least once, in no certain order. SQLSTATE 22023 for a bad argument, P0002 when there is no such function,
42501 when the caller may not call it or workers may not act as the caller, 23505 when there is one like it.';
