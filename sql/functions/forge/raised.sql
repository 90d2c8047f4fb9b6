create or replace function forge.raised(p_failure text[])
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_failure is not null then
    -- What comes from a statement of the caller's own has no hint.
    perform ops.fail(p_failure[1], p_failure[2], coalesce(p_failure[3], 'Run the query in psql.'), p_failure[4]);
  end if;
  return false;
end
$$;

comment on function forge.raised(text[]) is
'Raises the error that a row carries, given its SQLSTATE, message, hint and detail; false without one.';
