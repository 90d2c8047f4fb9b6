create or replace function forge.series_query(p_query text, p_key text, p_time text, p_number text, p_types jsonb)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select format(
  E'select (q.%I)::text as key, (%s) * 86400 as at, %s as value\nfrom (\n%s\n) as q\norder by 2, 1',
  p_key,
  (forge.matrix_expressions('{"kind": "time", "parts": ["days"]}', format('q.%I', p_time), p_types ->> p_time))[1],
  (forge.matrix_expressions('{"kind": "number", "width": 1}', format('q.%I', p_number), p_types ->> p_number))[1],
  p_query
);
$$;

comment on function forge.series_query(text, text, text, text, jsonb) is
'The statement that gives the key of each row of a query, its time in seconds since 1970 and its number, in the order of
time. The query is the caller''s own, and runs with the caller''s rights.';
