create or replace function forge.seconds_of(p_text text)
returns double precision
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  return extract(epoch from p_text::timestamptz);
exception when invalid_datetime_format or datetime_field_overflow or invalid_text_representation then
  return forge.number_of(p_text);
end
$$;

comment on function forge.seconds_of(text) is
'Seconds since 1970 of an instant, in UTC where it names no zone, or of a text that is a number of seconds; null where
it is neither.';
