create or replace function gaia.names_in(p_parameters jsonb, p_field text)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Most fields are absent, and this is called for many: a body in SQL would be planned anew each time.
  if jsonb_typeof(p_parameters -> p_field) is distinct from 'array' then
    return null;
  end if;
  return array(select jsonb_array_elements_text(p_parameters -> p_field));
end
$$;

comment on function gaia.names_in(jsonb, text) is
'The names that parameters give in a field; null where they give none.';
