create or replace function forge.compiled_body(p_native jsonb, p_columns text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_columns text[] := p_columns;
  v_declared text := '';
  v_checked text;
  v_inputs text[];
begin
  for v_number in 1 .. cardinality(p_columns) loop
    if p_columns[v_number] !~ '^\$[0-9]+$' then
      v_columns[v_number] := 'c' || v_number;
      v_declared := v_declared || format(E'  c%s pg_catalog.float8 := %s;\n', v_number, p_columns[v_number]);
    end if;
  end loop;
  -- Two tests of all numbers together cost less than an assignment of each.
  v_checked := format(
    E'  if not (greatest(%1$s) operator(pg_catalog.<=) 3.4e38::pg_catalog.float8\n'
    '    and least(%1$s) operator(pg_catalog.>=) (-3.4e38)::pg_catalog.float8) then\n%2$s  end if;\n',
    array_to_string(v_columns, ', '),
    (select string_agg(format(E'    %s := %s;\n', c, forge.held_sql(c)), '') from unnest(v_columns) as c)
  );
  v_inputs := forge.tree_inputs(p_native, v_columns);
  for v_number in 1 .. cardinality(v_inputs) loop
    v_declared := v_declared || format(E'  i%s pg_catalog.float8;\n', v_number);
    v_checked := v_checked || format(E'  i%s := %s;\n', v_number, v_inputs[v_number]);
  end loop;
  return format(
    E'declare\n%sbegin\n%s  return %s;\nend', v_declared, v_checked, forge.native_sql(p_native, v_columns, v_inputs)
  );
end
$$;

comment on function forge.compiled_body(jsonb, text[]) is
'The plpgsql text of a function of trees in native form, from expressions of the matrix''s columns: each number that the
trees compare is made once. plpgsql evaluates the one expression of all trees without a query, and never hands it to the
JIT compiler, which would take longer than the rows.';
