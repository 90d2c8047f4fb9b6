create or replace function forge.scored_query(p_query text, p_key text, p_expression text, p_signature jsonb)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_labels constant text[] := array(select jsonb_array_elements_text(coalesce(p_signature -> 'labels', '[]')));
  v_results text := 's.p, null::text, null::float8';
begin
  if cardinality(v_labels) = 2 then
    v_results := format(
      'null::float8, case when s.p > 0.5 then %L else %L end, greatest(s.p, 1 - s.p)', v_labels[2], v_labels[1]
    );
  elsif cardinality(v_labels) > 2 then
    v_results := format(
      'null::float8, (%L::text[])[array_position(s.p, (select max(m) from unnest(s.p) as m))], '
      '(select max(m) from unnest(s.p) as m)', v_labels
    );
  end if;
  -- OFFSET 0 keeps the planner from computing the model once for each column of the result.
  return format(
    E'select s.key, %s from (select (q.%I)::text as key, %s as p from (\n%s\n) as q offset 0) as s',
    v_results, p_key, p_expression, p_query
  );
end
$$;

comment on function forge.scored_query(text, text, text, jsonb) is
'The statement that scores a query q by an expression of its columns: key, value, label, probability. The query is the
caller''s own, and runs with the caller''s rights.';
