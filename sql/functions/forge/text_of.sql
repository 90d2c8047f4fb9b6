create or replace function forge.text_of(p_value anyelement)
returns text
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
-- What is written otherwise in another session would be another value.
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
as $$
begin
  return p_value::text;
end
$$;

comment on function forge.text_of(anyelement) is
'A value as text, the same in every session, whatever its time zone and styles: the form in which values of types that
are neither numbers nor times are learned and served.';
