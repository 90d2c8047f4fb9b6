create or replace function forge.number_of(p_text text)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_text::double precision;
exception when invalid_text_representation or numeric_value_out_of_range then
  return null;
end
$$;

comment on function forge.number_of(text) is
'A text as a number; null where it is none, as a text that was kept as somebody gave it.';
