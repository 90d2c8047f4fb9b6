create or replace function cortex.is_tended()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from ops.process as p
    where p.kind = 'worker' and p.seen_at > clock_timestamp() - interval '15 seconds' and p.detail -> 'queues' ? 'indexing'
  );
$$;

comment on function cortex.is_tended() is
'Whether a worker that indexes reported within 15 seconds. SECURITY DEFINER because processes are nobody''s rows.';
