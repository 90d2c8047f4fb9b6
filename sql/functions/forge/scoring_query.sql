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
      v_outputs := v_outputs || forge.packed_row(v_packed) || case v_feature ->> 'kind'
        when 'vector' then format('(q.%I)::text', v_feature ->> 'name')
        else forge.text_expression(format('q.%I', v_feature ->> 'name'), p_types ->> (v_feature ->> 'name'))
      end;
      v_packed := null;
    else
      v_packed := concat_ws(', ', v_packed, v_expression);
    end if;
  end loop;
  if cardinality(v_outputs) = 0 and p_types ->> p_key in ('smallint', 'integer', 'bigint') then
    -- A column fewer to be handed on, row by row.
    v_outputs := array[forge.packed_row(concat_ws(', ', v_packed, forge.packed_key(p_key)))];
  else
    v_outputs := array[format('(q.%I)::text', p_key)] || array_remove(v_outputs || forge.packed_row(v_packed), null);
  end if;
  return (
    select format(
      E'select %s\nfrom (\n%s\n) as q',
      string_agg(
        format('%s as %I', o.expression, 'p' || o.ordinality - 1 + (cardinality(v_outputs) = 1)::integer), ', ' order by o.ordinality
      ),
      p_query
    )
    from unnest(v_outputs) with ordinality as o (expression, ordinality)
  );
end
$$;

comment on function forge.scoring_query(text, text, jsonb, jsonb) is
'The statement that gives, for each row of a query, its key as p0 and then p1, p2 ...: neighbouring features packed into
one bytea, texts and vectors as text. Where all features are packed and the key is a whole number, p1 ends with the key.
The query is the caller''s own, and runs with the caller''s rights.';
