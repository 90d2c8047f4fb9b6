create or replace function gaia.settle_usage(
  p_usage_id bigint, p_state text, p_tokens_in bigint, p_tokens_out bigint, p_error text
)
returns numeric
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
update gaia.usage as u
set state = p_state,
  tokens_in = coalesce(p_tokens_in, u.tokens_in), tokens_out = coalesce(p_tokens_out, u.tokens_out),
  cost = coalesce(
    (
      select coalesce(p.price_in, 0) * p_tokens_in + coalesce(p.price_out, 0) * p_tokens_out
      from cortex.provider as p
      where p.name = u.provider
    ) / 1e6,
    u.cost
  ),
  error = p_error
where u.owner_id = ops.current_owner() and u.id = p_usage_id and u.state = 'reserved'
returning u.cost;
$$;

comment on function gaia.settle_usage(bigint, text, bigint, bigint, text) is
'Puts what a call has used in the place of what was reserved for it; where the tokens are null, since the provider may
have worked without answering, the reservation stands. Returns the cost. For datapunk_worker only.';
