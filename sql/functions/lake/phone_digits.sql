create or replace function lake.phone_digits(p_numbers text[])
returns text[]
language plpython3u
stable
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return entry.phone_digits(plpy, GD, p_numbers)
$$;

comment on function lake.phone_digits(text[]) is
'Telephone numbers as the digits of their international form: those without a country code as they are dialled in the
country of datapunk.phone_region, else in that of datapunk.timezone; without either as they are written. SQLSTATE 22023.';
