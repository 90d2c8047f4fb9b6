create or replace function forge.rendered(p_given jsonb, p_features jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rendered jsonb := '{}';
  v_feature jsonb;
  v_name text;
  v_type oid;
  v_value jsonb;
begin
  for v_feature in select f.value from jsonb_array_elements(p_features) as f loop
    v_name := v_feature ->> 'name';
    v_value := p_given -> v_name;
    begin
      v_type := to_regtype(v_feature ->> 'type');
      -- Of types that are neither, some take whatever is written.
      continue when jsonb_typeof(v_value) in ('array', 'object') and v_type not in ('json'::regtype, 'jsonb'::regtype)
        and (select t.typcategory not in ('A', 'C') from pg_type as t where t.oid = v_type);
      if v_type is not null then
        execute format(
          'select to_jsonb(%s) from jsonb_to_record($1) as q (value %s)',
          case v_feature ->> 'kind'
            when 'number' then forge.number_expression('q.value', format_type(v_type, null))
            else forge.text_expression('q.value', format_type(v_type, null))
          end,
          -- Without a length, which character and bit have where none is said.
          format_type(v_type, -1)
        ) into v_value using jsonb_build_object('value', v_value);
      elsif jsonb_typeof(v_value) in ('array', 'object') then
        continue;
      end if;
      v_rendered := v_rendered || jsonb_build_object(v_name, v_value);
    exception
      when data_exception or integrity_constraint_violation or undefined_object or syntax_error or insufficient_privilege
      then
        -- It does not fit, and is left out.
        null;
    end;
  end loop;
  return v_rendered;
end
$$;

comment on function forge.rendered(jsonb, jsonb) is
'The values of some features of a signature, given by name as to_jsonb makes them or as their text in SQL, in the form
that they were learned in. Without those that the feature''s type does not have.';
