create or replace function gaia.reserve_usage(
  p_provider text, p_purpose text, p_tokens_in bigint, p_tokens_out bigint, p_task_id bigint
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_provider cortex.provider;
  v_cost numeric;
  v_budget record;
  v_id bigint;
begin
  select * into v_provider from cortex.provider as p where p.name = p_provider;
  if not found then
    perform ops.fail('DP020', format('no provider %s', p_provider), 'The view providers lists what there is.');
  end if;
  -- One after another for an owner: of two requests at once the second one sees what the first has reserved.
  perform pg_advisory_xact_lock(hashtextextended('gaia.usage ' || v_owner, 0));
  v_cost := (coalesce(v_provider.price_in, 0) * p_tokens_in + coalesce(v_provider.price_out, 0) * p_tokens_out) / 1e6;
  for v_budget in
    select b.period, b.cost, b.tokens, u.cost as cost_used, u.tokens as tokens_used
    from gaia.budget as b
    cross join lateral (
      select coalesce(sum(u.cost), 0) as cost, coalesce(sum(u.tokens_in + u.tokens_out), 0) as tokens
      from gaia.usage as u
      where u.owner_id = v_owner and u.at >= date_trunc(b.period, clock_timestamp(), 'UTC')
    ) as u
    where b.owner_id = v_owner
  loop
    if v_budget.cost_used + v_cost > v_budget.cost then
      perform ops.fail(
        '53400',
        format('the budget of the %s is %s, %s of it is used, and this request may cost %s', v_budget.period,
          v_budget.cost, round(v_budget.cost_used, 6), round(v_cost, 6)),
        'Wait for the next one, ask without a language model, or let the owner of the server raise it: gaia_budget.'
      );
    elsif v_budget.tokens_used + p_tokens_in + p_tokens_out > v_budget.tokens then
      perform ops.fail(
        '53400',
        format('the budget of the %s is %s tokens, %s of it are used, and this request may use %s', v_budget.period,
          v_budget.tokens, v_budget.tokens_used, p_tokens_in + p_tokens_out),
        'Wait for the next one, ask without a language model, or let the owner of the server raise it: gaia_budget.'
      );
    end if;
  end loop;
  insert into gaia.usage (provider, model, purpose, tokens_in, tokens_out, cost, task_id)
  values (v_provider.name, v_provider.model, p_purpose, p_tokens_in, p_tokens_out, v_cost, p_task_id)
  returning id into v_id;
  return v_id;
end
$$;

comment on function gaia.reserve_usage(text, text, bigint, bigint, bigint) is
'Reserves what a call of a language model may use, at most, before it is made; returns the row to settle afterwards.
What is never settled, since its worker died, stays counted as reserved. SQLSTATE 53400 when a budget of the current
owner would be passed, DP020 for an unknown provider. For datapunk_worker only.';
