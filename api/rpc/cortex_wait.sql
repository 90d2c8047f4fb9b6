create or replace procedure api.cortex_wait(
  inout generation bigint, timeout interval default '1 hour',
  inout state text default null, inout stage text default null, inout error text default null
)
language plpython3u
as $$
  from datapunk.cortex import entry
  return entry.wait(plpy, GD, generation, timeout)
$$;

comment on procedure api.cortex_wait (bigint, interval, text, text, text) is
'Waits until a generation is built, or until the timeout, and tells how it stands: call cortex_wait(7). state is active,
ready (cortex_switch called again activates it), retired, or building when the time was up. Not in a transaction block.
SQLSTATE P0002.';
