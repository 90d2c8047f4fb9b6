create or replace function cortex.pause_provider(p_name text, p_seconds double precision, p_error text)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update cortex.provider as p
  set failures = case when p_error is null then 0 else p.failures + 1 end,
    error = left(p_error, 2000),
    retry_at = case when p_error is null then null else clock_timestamp() + make_interval(secs => p_seconds) end
  where p.name = p_name
  returning p.failures;
$$;

comment on function cortex.pause_provider(text, double precision, text) is
'Notes that a provider failed and is left alone for some seconds, or, with a null error, that it answers again; returns
how often it has failed since its last success. For datapunk_worker only.';
