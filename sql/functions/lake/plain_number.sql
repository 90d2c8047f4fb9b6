create or replace function lake.plain_number(p_text text)
returns text
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case when p.plain ~ '^[+0-9 ()./-]+$' and length(regexp_replace(p.plain, '[^0-9]', '', 'g')) >= 7 then p.plain else '' end
from (
  select btrim(regexp_replace(
    regexp_replace(p_text, '[\u200b-\u200f\u202a-\u202e\u2060-\u2069]', '', 'g'),
    '[\u00a0\u2007\u2009\u202f\u2010-\u2015]', ' ', 'g'
  )) as plain
) as p
$$;

comment on function lake.plain_number(text) is
'A text that is a telephone number of seven digits or more, without marks of direction and with plain blanks; else
empty.';
