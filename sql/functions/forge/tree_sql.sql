create or replace function forge.tree_sql(p_tree jsonb, p_node integer, p_output integer, p_inputs text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left constant integer := (p_tree -> 'left' ->> p_node)::integer;
  v_input text;
begin
  if v_left < 0 then
    return forge.number_literal((p_tree -> 'value' -> p_node ->> p_output)::double precision);
  end if;
  v_input := p_inputs[(p_tree -> 'input' ->> p_node)::integer + 1];
  -- Comparisons with null are not true, and NaN is above every number: what is missing goes to the else branch.
  if (p_tree -> 'missing_left' ->> p_node)::boolean then
    return format(
      'case when %1$s operator(pg_catalog.>) %2$s::pg_catalog.float4 '
      'and %1$s operator(pg_catalog.<) ''Infinity''::pg_catalog.float4 then %3$s else %4$s end',
      v_input, forge.number_literal((p_tree -> 'threshold' ->> p_node)::double precision),
      forge.tree_sql(p_tree, (p_tree -> 'right' ->> p_node)::integer, p_output, p_inputs),
      forge.tree_sql(p_tree, v_left, p_output, p_inputs)
    );
  end if;
  return format(
    'case when %1$s operator(pg_catalog.<=) %2$s::pg_catalog.float4 '
    'and %1$s operator(pg_catalog.>) ''-Infinity''::pg_catalog.float4 then %3$s else %4$s end',
    v_input, forge.number_literal((p_tree -> 'threshold' ->> p_node)::double precision),
    forge.tree_sql(p_tree, v_left, p_output, p_inputs),
    forge.tree_sql(p_tree, (p_tree -> 'right' ->> p_node)::integer, p_output, p_inputs)
  );
end
$$;

comment on function forge.tree_sql(jsonb, integer, integer, text[]) is
'The SQL expression of a tree in native form from a node on: nested cases over expressions of its inputs.';
