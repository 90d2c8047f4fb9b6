create or replace function forge.texts_of_option(p_options jsonb, p_name text)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from jsonb_array_elements(p_options -> p_name) as e (value) where jsonb_typeof(e.value) <> 'string'
  ) then
    raise exception 'option "%" holds what is no text', p_name
      using errcode = '22023', hint = 'Give texts, as in {"' || p_name || '": ["one", "another"]}.';
  end if;
  return case
    when p_options ? p_name then array(select e.value from jsonb_array_elements_text(p_options -> p_name) as e (value))
  end;
end
$$;

comment on function forge.texts_of_option(jsonb, text) is
'The texts of an option that is an array of them; null where it is missing. SQLSTATE 22023.';
