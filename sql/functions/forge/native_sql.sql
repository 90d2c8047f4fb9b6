create or replace function forge.native_sql(p_native jsonb, p_columns text[], p_inputs text[])
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outputs constant integer := jsonb_array_length(p_native -> 'intercepts');
  v_link constant text := p_native ->> 'link';
  v_raw text[] := array[]::text[];
  v_output integer;
  v_cases text;
begin
  if p_native ->> 'kind' = 'parts' then
    select string_agg(
      format('when %s then %s', forge.number_literal((c.value #>> '{}')::double precision),
        forge.native_sql(p_native -> 'parts' -> (c.ordinality::integer - 1), p_columns, p_inputs)), ' ' order by c.ordinality
    ) into v_cases
    from jsonb_array_elements(p_native -> 'codes') with ordinality as c;
    return format(
      'case (%s)::pg_catalog.float8 %s else %s end', p_columns[(p_native ->> 'column')::integer + 1], v_cases,
      forge.native_sql(p_native -> 'other', p_columns, p_inputs)
    );
  end if;
  -- Of two labels the second one's probability is asked for.
  for v_output in select generate_series(case when v_outputs = 2 and v_link <> 'softmax' then 1 else 0 end, v_outputs - 1) loop
    v_raw := v_raw || case p_native ->> 'kind'
      when 'linear' then forge.linear_sql(p_native, v_output, p_columns)
      else forge.trees_sql(p_native, v_output, p_columns, p_inputs)
    end;
  end loop;
  if v_link = 'softmax' and v_outputs = 2 then
    v_raw := array[format('(%s) operator(pg_catalog.-) (%s)', v_raw[2], v_raw[1])];
  end if;
  if v_link in ('logistic', 'pair') or (v_link = 'softmax' and v_outputs = 2) then
    -- exp of more than 709 is an error; e^-700 is as good as none.
    return format(
      '1.0 operator(pg_catalog./) (1.0 operator(pg_catalog.+) pg_catalog.exp(greatest(least('
      'operator(pg_catalog.-) (%s), 700), -700)))', v_raw[1]
    );
  elsif v_link = 'softmax' then
    return format('forge.softmax(array[%s])', array_to_string(v_raw, ', '));
  elsif cardinality(v_raw) > 1 then
    return format('array[%s]', array_to_string(v_raw, ', '));
  end if;
  return v_raw[1];
end
$$;

comment on function forge.native_sql(jsonb, text[], text[]) is
'The SQL expression of a model in native form: its value, the probability of the second of two labels, or an array of
the probabilities of all labels. From expressions of the matrix''s columns and, of trees, the names i1, i2 ... of the
numbers in p_inputs.';
