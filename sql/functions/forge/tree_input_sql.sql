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
  if forge.is_one_hot(p_input) then
    return v_column;
  end if;
  if jsonb_typeof(p_input -> 'table') = 'array' then
    v_value := format('case when %s is not null then %s end', v_column, forge.table_sql(p_input, v_column));
  end if;
  if (p_input ->> 'slope')::double precision <> 1 or (p_input ->> 'offset')::double precision <> 0 then
    v_value := format(
      '%s operator(pg_catalog.*) %s operator(pg_catalog.+) %s', forge.rounded_sql(v_value),
      forge.number_literal((p_input ->> 'slope')::double precision),
      forge.number_literal((p_input ->> 'offset')::double precision)
    );
  end if;
  if p_input ->> 'missing' is not null then
    v_value := format('coalesce(%s, %s)', v_value, forge.number_literal((p_input ->> 'missing')::double precision));
  end if;
  return v_value;
end
$$;

comment on function forge.tree_input_sql(jsonb, text[]) is
'The SQL expression of a number that trees in native form read, from expressions of the matrix''s columns; of an input
that tells one code from all else, the column itself. NULL is what is missing.';
