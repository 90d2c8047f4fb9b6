create or replace function ops.process_report(p_name text, p_kind text, p_code_version text, p_detail jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into ops.process as p (name, kind, code_version, started_at, seen_at, detail)
  values (p_name, p_kind, p_code_version, clock_timestamp(), clock_timestamp(), p_detail)
  on conflict (name) do update
    set kind = excluded.kind, code_version = excluded.code_version, seen_at = excluded.seen_at,
        detail = excluded.detail;
$$;

comment on function ops.process_report(text, text, text, jsonb) is
'Records that a process outside PostgreSQL is alive, for ops_health and doctor. For datapunk_worker only.';
