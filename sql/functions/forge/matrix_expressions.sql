create or replace function forge.matrix_expressions(p_feature jsonb, p_value text, p_type text)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_values constant text[] := array(select jsonb_array_elements_text(coalesce(p_feature -> 'values', '[]')));
  v_number text;
begin
  case p_feature ->> 'kind'
    when 'number', 'boolean' then
      v_number := forge.number_expression(p_value, p_type);
      if (p_feature ->> 'width')::integer = 2 then
        return array[v_number, format(
          'case when pg_catalog.abs(%s) operator(pg_catalog.<=) 3.4e38::pg_catalog.float8 then 0.0 else 1.0 end', v_number
        )];
      end if;
      return array[v_number];
    when 'category' then
      v_number := case
        when p_type in ('double precision', 'real') or p_feature ->> 'type' = 'numeric'
          then format('pg_catalog.array_position(%L::pg_catalog.float8[], %s::pg_catalog.float8)', v_values, p_value)
        -- Keys of an object are found by halves, elements of an array one after the other.
        when cardinality(v_values) > 50 then format(
          '(%L::pg_catalog.jsonb operator(pg_catalog.->) (%s))::pg_catalog.int4',
          (select jsonb_object_agg(v.value, v.ordinality) from unnest(v_values) with ordinality as v (value, ordinality)),
          forge.text_expression(p_value, p_type)
        )
        else format('pg_catalog.array_position(%L::pg_catalog.text[], %s)', v_values, forge.text_expression(p_value, p_type))
      end;
      return array[format(
        'case when %s is null then -2.0::pg_catalog.float8 '
        'else (coalesce(%s, 0) operator(pg_catalog.-) 1)::pg_catalog.float8 end',
        p_value, v_number
      )];
    when 'time' then
      return forge.time_expressions(p_value, p_type, p_feature -> 'parts');
    else
      return null;
  end case;
end
$$;

comment on function forge.matrix_expressions(jsonb, text, text) is
'SQL expressions for the columns of a model''s matrix that a feature fills, from an expression of that SQL type; NULL
stands for a missing number, -1 for a category that training did not see, -2 for a missing one. A number that float4 does
not hold is as good as missing: that is left to who reads it. Null for a text or a vector, which SQL alone does not
encode. Everything is schema-qualified, since a function that is inlined pins no search_path.';
