create or replace function api.gaia_budget(period text, cost numeric default null, tokens bigint default null)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select gaia.set_budget(period, cost, tokens);
$$;

comment on function api.gaia_budget(text, numeric, bigint) is
'Bounds what the current owner may use of language models in a day or month (UTC): cost in the currency of the
providers'' prices, and tokens; without both, the bound is taken away. A request that might pass it is refused before it
is sent. For the role datapunk, who pays. False when there was nothing to take away. SQLSTATE 22023.';
