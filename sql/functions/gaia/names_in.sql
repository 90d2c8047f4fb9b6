create or replace function gaia.names_in(p_parameters jsonb, p_field text)
returns text[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case when jsonb_typeof(p_parameters -> p_field) = 'array'
  then array(select jsonb_array_elements_text(p_parameters -> p_field)) end;
$$;

comment on function gaia.names_in(jsonb, text) is
'The names that parameters give in a field; null where they give none.';
