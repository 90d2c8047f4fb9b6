create or replace function cortex.generation_state(p_generation_id bigint)
returns table (
  state text, model text, dimensions integer, activation text, stage text, ready boolean, failures integer,
  active_id bigint, active_model text, expired bigint[]
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select g.state, g.model, g.dimensions, g.activation, g.stage, g.ready_at is not null, g.failures, a.id, a.model,
    array(
      select r.id from cortex.generation as r
      where r.state = 'retired' and r.retired_at + r.keep <= clock_timestamp()
      order by r.id
    )
  from cortex.generation as a
  left join cortex.generation as g on g.id = p_generation_id
  where a.state = 'active';
$$;

comment on function cortex.generation_state(bigint) is
'How far a generation is, which one is active, and which retired ones have been kept long enough: one row.
For datapunk_worker only.';
