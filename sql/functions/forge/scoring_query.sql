create or replace function forge.scoring_query(p_query text, p_key text, p_features jsonb, p_types jsonb)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outputs text[] := array[]::text[];
  v_packed text;
  v_expression text;
  v_feature jsonb;
begin
  for v_feature in select f.value from jsonb_array_elements(p_features) with ordinality as f order by f.ordinality loop
    v_expression := forge.packed_expression(v_feature, p_types ->> (v_feature ->> 'name'));
    if v_expression is null then
      v_outputs := v_outputs || forge.packed_row(v_packed) || format('(q.%I)::text', v_feature ->> 'name');
      v_packed := null;
    else
      v_packed := concat_ws(', ', v_packed, v_expression);
    end if;
  end loop;
  v_outputs := array_remove(v_outputs || forge.packed_row(v_packed), null);
  return (
    select format(
      E'select (q.%I)::text as key, %s\nfrom (\n%s\n) as q', p_key,
      string_agg(format('%s as %I', o.expression, 'p' || o.ordinality), ', ' order by o.ordinality), p_query
    )
    from unnest(v_outputs) with ordinality as o (expression, ordinality)
  );
end
$$;

comment on function forge.scoring_query(text, text, jsonb, jsonb) is
'The statement that gives, for each row of a query, its key and then p1, p2 ...: neighbouring features packed into one
bytea, texts and vectors as text. The query is the caller''s own, and runs with the caller''s rights.';
