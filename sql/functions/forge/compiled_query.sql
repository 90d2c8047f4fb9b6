create or replace function forge.compiled_query(
  p_query text, p_key text, p_function text, p_signature jsonb, p_types jsonb, p_arguments text[]
)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_labels constant text[] := array(select jsonb_array_elements_text(coalesce(p_signature -> 'labels', '[]')));
  v_results text := 's.p, null::text, null::float8';
  v_arguments text[] := array[]::text[];
  v_name text;
  v_type text;
  v_wanted text;
  v_number integer := 0;
begin
  for v_name in
    select e.value ->> 'name'
    from jsonb_array_elements(p_signature -> 'features') with ordinality as e
    order by e.ordinality
  loop
    v_number := v_number + 1;
    v_wanted := p_arguments[v_number];
    v_type := p_types ->> v_name;
    v_arguments := v_arguments || case
      when v_wanted = 'double precision' and v_type = 'boolean' then format('q.%I::integer::float8', v_name)
      -- What has no zone is UTC.
      when v_type = 'date' and v_wanted like 'timestamp with %' then format('(q.%I::timestamp at time zone ''UTC'')', v_name)
      when v_type like 'timestamp with%' and v_wanted like 'timestamp with%' and v_type <> v_wanted
        then format('(q.%I at time zone ''UTC'')', v_name)
      else format('q.%I::%s', v_name, v_wanted)
    end;
  end loop;
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
    E'select s.key, %s from (select (q.%I)::text as key, model_sql.%I(%s) as p from (\n%s\n) as q offset 0) as s',
    v_results, p_key, p_function, array_to_string(v_arguments, ', '), p_query
  );
end
$$;

comment on function forge.compiled_query(text, text, text, jsonb, jsonb, text[]) is
'The statement that scores a query by a compiled function: key, value, label, probability. The query is the caller''s
own, and runs with the caller''s rights.';
