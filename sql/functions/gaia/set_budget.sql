create or replace function gaia.set_budget(p_period text, p_cost numeric, p_tokens bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_period is null or p_period not in ('day', 'month') then
    perform ops.fail('22023', format('period is %s', coalesce(p_period, 'null')), 'Allowed: day, month.');
  elsif p_cost < 0 or p_cost = 'NaN' or p_tokens < 0 then
    perform ops.fail('22023', 'a budget is below zero', 'Give 0 to allow nothing, null for no bound.');
  end if;
  if p_cost is null and p_tokens is null then
    delete from gaia.budget as b where b.owner_id = ops.current_owner() and b.period = p_period;
    return found;
  end if;
  insert into gaia.budget as b (period, cost, tokens) values (p_period, p_cost, p_tokens)
  on conflict on constraint budget_pk do update set cost = excluded.cost, tokens = excluded.tokens;
  return true;
end
$$;

comment on function gaia.set_budget(text, numeric, bigint) is
'The part of api.gaia_budget that writes. SQLSTATE 22023.';
