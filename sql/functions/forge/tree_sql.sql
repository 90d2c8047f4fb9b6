create or replace function forge.tree_sql(p_tree jsonb, p_output integer, p_inputs jsonb, p_numbers text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left constant integer[] := array(select jsonb_array_elements_text(p_tree -> 'left')::integer);
  v_right constant integer[] := array(select jsonb_array_elements_text(p_tree -> 'right')::integer);
  v_input constant integer[] := array(select jsonb_array_elements_text(p_tree -> 'input')::integer);
  v_threshold constant double precision[] := array(
    select jsonb_array_elements_text(p_tree -> 'threshold')::double precision
  );
  v_missing_left constant boolean[] := array(select jsonb_array_elements_text(p_tree -> 'missing_left')::boolean);
  -- Of an input that tells one code from all else: the code, and what the two are to the tree.
  v_code constant double precision[] := array(
    select case when forge.is_one_hot(i) then (i #>> '{table,0,0}')::double precision end
    from jsonb_array_elements(p_inputs) as i
  );
  v_with constant double precision[] := array(
    select (i ->> 'slope')::double precision * (i #>> '{table,0,1}')::double precision
      + (i ->> 'offset')::double precision
    from jsonb_array_elements(p_inputs) as i
  );
  v_without constant double precision[] := array(
    select (i ->> 'missing')::double precision from jsonb_array_elements(p_inputs) as i
  );
  v_text text[] := array(
    select forge.number_literal((v ->> p_output)::double precision) from jsonb_array_elements(p_tree -> 'value') as v
  );
  v_place integer;
  v_test text;
  v_then integer;
  v_else integer;
begin
  -- Children come after their parents, whose text takes theirs in.
  for v_node in reverse cardinality(v_left) .. 1 loop
    continue when v_left[v_node] < 0;
    v_place := v_input[v_node] + 1;
    if v_code[v_place] is not null then
      v_test := format('%s operator(pg_catalog.=) %L', p_numbers[v_place], v_code[v_place]);
      v_then := case when v_with[v_place] <= v_threshold[v_node] then v_left[v_node] else v_right[v_node] end + 1;
      v_else := case when v_without[v_place] <= v_threshold[v_node] then v_left[v_node] else v_right[v_node] end + 1;
    else
      -- A comparison with null is not true: what is missing goes to the else branch.
      v_test := forge.threshold_sql(p_numbers[v_place], v_threshold[v_node], v_missing_left[v_node]);
      v_then := case when v_missing_left[v_node] then v_right[v_node] else v_left[v_node] end + 1;
      v_else := case when v_missing_left[v_node] then v_left[v_node] else v_right[v_node] end + 1;
    end if;
    v_text[v_node] := case
      when v_text[v_then] = v_text[v_else] then v_text[v_else]
      when starts_with(v_text[v_else], 'case ')
        then format('case when %s then %s %s', v_test, v_text[v_then], substr(v_text[v_else], 6))
      else format('case when %s then %s else %s end', v_test, v_text[v_then], v_text[v_else])
    end;
    v_text[v_left[v_node] + 1] := null;
    v_text[v_right[v_node] + 1] := null;
  end loop;
  return v_text[1];
end
$$;

comment on function forge.tree_sql(jsonb, integer, jsonb, text[]) is
'The SQL expression of an output of a tree in native form: nested cases over expressions of the numbers that its inputs
are, NULL for a missing one.';
