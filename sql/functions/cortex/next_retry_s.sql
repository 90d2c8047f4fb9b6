create or replace function cortex.next_retry_s()
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- What came after the last batch was taken has waited since for ever, as it were.
  select greatest(1, ceil(extract(epoch from greatest(w.at, clock_timestamp()) - clock_timestamp())))::integer
  from (
    select min(greatest(p.next_retry_at, p.claimed_until, coalesce(r.retry_at, '-infinity'))) as at
    from cortex.pending as p
    join cortex.generation as g
      on g.id = p.generation_id and g.state in ('active', 'building') and g.dimensions is not null
    left join cortex.provider as r on r.name = g.model
    where p.owner_id = (select ops.current_owner()) and not p.failed
  ) as w
  where w.at is not null;
$$;

comment on function cortex.next_retry_s() is
'Seconds until the next text of the current owner that waits may be tried; null when none waits.
For datapunk_worker only.';
