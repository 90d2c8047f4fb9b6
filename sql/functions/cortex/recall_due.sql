create or replace function cortex.recall_due()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select not exists (
    select
    from cortex.recall as r
    join cortex.generation as g on g.id = r.generation_id and g.state = 'active'
    where r.owner_id = (select ops.current_owner())
      and r.measured_at > clock_timestamp() - interval '1 hour'
  ) or exists (
    select
    from cortex.generation as g
    cross join lateral cortex.index_plan(g.id) as p
    where g.state = 'active' and p.m is not null
  );
$$;

comment on function cortex.recall_due() is
'Whether the recall of the active generation''s index was last measured for the current owner more than an hour ago, or
never, or the index has yet to be built for the size that the generation has now. For datapunk_worker only.';
