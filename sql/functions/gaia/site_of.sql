create or replace function gaia.site_of(p_url text)
returns text
language sql
immutable
security invoker
-- As gaia.involves, it becomes part of the query that calls it. For most addresses a regular expression, which takes
-- ten times as long, is not needed.
begin atomic
  select case
    when p_url like 'https://%' or p_url like 'http://%'
      then nullif(split_part(split_part(split_part(split_part(p_url, '/', 3), ':', 1), '?', 1), '#', 1), '')
    else substring(p_url from '^[a-z]+://([^/:?#]+)')
  end;
end;

comment on function gaia.site_of(text) is
'The host in an address, by which questions name sites; null where there is none.';
