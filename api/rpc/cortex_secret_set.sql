create or replace function api.cortex_secret_set(name text, value text)
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if name is null or name !~ '^[A-Z][A-Z0-9_]{0,62}$' then
    perform ops.fail(
      '22023', format('the name of the secret is %L', name), 'Capitals, digits and underscores, as in OPENAI_KEY.'
    );
  end if;
  return cortex.write_secret(name, value);
end
$$;

comment on function api.cortex_secret_set(text, text) is
'Keeps a secret for providers, or with a null value deletes it; true when there is something to do. Only workers can
read it. The server may log statements, and a dump of the database holds it: a worker''s environment is the safer place.
For the role datapunk. SQLSTATE 22023 for a bad name.';
