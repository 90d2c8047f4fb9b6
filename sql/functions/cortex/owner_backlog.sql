create or replace function cortex.owner_backlog(p_generation_id bigint)
returns table (waiting bigint, failed bigint, embedded bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    (
      select count(*) from cortex.pending as p
      where p.owner_id = o.id and p.generation_id = p_generation_id and not p.failed
    ),
    (
      select count(*) from cortex.pending as p
      where p.owner_id = o.id and p.generation_id = p_generation_id and p.failed
    ),
    (select count(*) from cortex.embedding as e where e.owner_id = o.id and e.generation_id = p_generation_id)
  from (select ops.current_owner()) as o (id);
$$;

comment on function cortex.owner_backlog(bigint) is
'How many of the current owner''s texts wait for their embedding in a generation, were given up, and have one.
For datapunk_worker only.';
