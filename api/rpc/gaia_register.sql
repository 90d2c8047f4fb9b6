create or replace function api.gaia_register(
  name text, handler text, description text, examples text[], options jsonb default '{}'
)
returns bigint
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.register(plpy, GD, name, handler, description, examples, options)
$$;

comment on function api.gaia_register(text, text, text, text[], jsonb) is
'Adds a subroutine of the owner: a function (jsonb) returns jsonb, named with its schema, and questions that lead to
it. Questions are routed to it at once. It is called with the caller''s rights and gets {question, kind, topic,
since, until, channel, site, person, k ...} as far as the question says; it returns {data, citations (item ids),
answer}, or any object, which becomes data. options: input_schema. Returns the subroutine''s id. SQLSTATE 22023 for
a bad argument, P0002 when there is no such function, 42501 when the caller may not call it, 23505 when the name is
taken.';
