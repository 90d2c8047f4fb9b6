create or replace function forge.tree_input_sql(p_input jsonb, p_columns text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column constant text := p_columns[(p_input ->> 'column')::integer + 1];
  v_value text := v_column;
begin
  if jsonb_typeof(p_input -> 'table') = 'array' then
    v_value := format(
      'case %s when %s is not null then %s end',
      (
        select string_agg(
          format(
            'when %s operator(pg_catalog.=) %s then %s', v_column, forge.number_literal((c.value ->> 0)::double precision),
            forge.number_literal((c.value ->> 1)::double precision)
          ), ' ' order by c.ordinality
        )
        from jsonb_array_elements(p_input -> 'table') with ordinality as c
      ),
      v_column, forge.number_literal((p_input ->> 'default')::double precision)
    );
  end if;
  if (p_input ->> 'slope')::double precision <> 1 or (p_input ->> 'offset')::double precision <> 0 then
    v_value := format(
      '((%s)::pg_catalog.float4 operator(pg_catalog.*) %s operator(pg_catalog.+) %s)', v_value,
      forge.number_literal((p_input ->> 'slope')::double precision),
      forge.number_literal((p_input ->> 'offset')::double precision)
    );
  end if;
  if p_input ->> 'missing' is not null then
    -- A NaN of the table counts as missing too.
    v_value := format(
      'coalesce(nullif(%s, ''NaN''), %s)', v_value, forge.number_literal((p_input ->> 'missing')::double precision)
    );
  end if;
  return '(' || v_value || ')';
end
$$;

comment on function forge.tree_input_sql(jsonb, text[]) is
'The SQL expression of a number that trees in native form read, from expressions of the matrix''s columns.';
