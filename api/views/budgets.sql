create or replace view api.budgets
with (security_invoker = true)
as
select
  b.period, b.cost, b.tokens, u.cost as cost_used, u.tokens as tokens_used,
  date_trunc(b.period, now(), 'UTC') as since
from gaia.budget as b
cross join lateral (
  select coalesce(sum(u.cost), 0) as cost, coalesce(sum(u.tokens_in + u.tokens_out), 0) as tokens
  from gaia.usage as u
  where u.owner_id = b.owner_id and u.at >= date_trunc(b.period, now(), 'UTC')
) as u;

comment on view api.budgets is
'What you may use of language models in a day or month, and what of it is used or reserved; gaia_budget sets it.';
