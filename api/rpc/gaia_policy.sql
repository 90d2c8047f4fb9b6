create or replace function api.gaia_policy(options jsonb default '{}')
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
  v_allowed constant text[] := array[
    'max_rounds', 'model', 'plans', 'sql', 'sql_max_cost', 'sql_max_rows', 'tools', 'unsupported'
  ];
begin
  if jsonb_typeof(coalesce(options, 'null')) <> 'object' then
    perform ops.fail('22023', 'options is no JSON object', format('Options: %s.', array_to_string(v_allowed, ', ')));
  end if;
  for v_name in select jsonb_object_keys(options) loop
    if v_name <> all (v_allowed) then
      perform ops.fail(
        '22023', format('unknown option "%s"', v_name), format('Options: %s.', array_to_string(v_allowed, ', '))
      );
    end if;
  end loop;
  return gaia.set_policy(options);
end
$$;

comment on function api.gaia_policy(jsonb) is
'What you let language models do with your data; changes what the options name and returns all of it. model: the one
that words the answers of gaia_ask_async where the question names none (null for none: nothing is sent anywhere); tools:
subroutines that it may run, in plans beside those that only find and count (they run read only; empty at first);
plans: whether it writes a plan for a question that is not read with certainty without it (true at first); sql: whether it may write a query over the views
(false at first), of at most sql_max_cost by the planner''s estimate and sql_max_rows rows; max_rounds: how often it may
ask for tools; unsupported: whether sentences that no passage supports are marked ([?]) or removed. SQLSTATE 22023,
DP020 for an unknown model.';
