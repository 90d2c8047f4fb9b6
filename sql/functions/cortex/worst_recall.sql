create or replace function cortex.worst_recall()
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select min(r.value::double precision)
  from cortex.generation as g
  cross join lateral jsonb_each_text(g.report) as r (key, value)
  where g.state = 'active' and r.key like 'recall %';
$$;

comment on function cortex.worst_recall() is
'The least recall@10 of the active generation''s index in any owner''s last measurement: one figure for ops_health that
is nobody''s.';
