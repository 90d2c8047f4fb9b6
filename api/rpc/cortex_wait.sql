create or replace procedure api.cortex_wait(
  inout generation bigint, timeout interval default '1 hour',
  inout state text default null, inout stage text default null, inout error text default null
)
language plpgsql
security invoker
as $$
declare
  v_until timestamptz := pg_catalog.clock_timestamp() operator(pg_catalog.+) coalesce(timeout, interval '1 hour');
  v_pause double precision := 0.02;
  v_found boolean;
begin
  loop
    select true, case when g.state = 'building' and g.ready_at is not null then 'ready' else g.state end, g.stage, g.error
    into v_found, state, stage, error
    from cortex.generation as g
    where g.id operator(pg_catalog.=) cortex_wait.generation;
    if v_found is null then
      perform ops.fail(
        'P0002', pg_catalog.format('no generation %s', cortex_wait.generation), 'The view generations lists them.'
      );
    end if;
    exit when state <> 'building' or pg_catalog.clock_timestamp() >= v_until;
    -- An index that is built concurrently waits for every transaction that began before: this one must not last.
    commit;
    perform pg_catalog.pg_sleep(v_pause);
    v_pause := least(v_pause * 1.3, 0.25);
  end loop;
end
$$;

comment on procedure api.cortex_wait (bigint, interval, text, text, text) is
'Waits until a generation is built, or until the timeout, and tells how it stands: call cortex_wait(7). state is active,
ready (cortex_switch called again activates it), retired, or building when the time was up. Not in a transaction block.
SQLSTATE P0002.';
