create or replace function ops.process_status()
returns table (kind text, alive bigint, seen_s double precision, other_versions bigint)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    p.kind,
    count(*) filter (where p.seen_at > clock_timestamp() - interval '15 seconds'),
    extract(epoch from clock_timestamp() - max(p.seen_at))::double precision,
    count(*) filter (where p.seen_at > clock_timestamp() - interval '15 seconds' and p.code_version <> i.code_version)
  from ops.process as p, ops.installation as i
  group by p.kind;
$$;

comment on function ops.process_status() is
'One row a kind of process: how many reported within 15 seconds, seconds since the last report, and how many of the
living run another version than the one that is installed.';
