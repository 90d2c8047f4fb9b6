create or replace function cortex.provider_of(p_name text)
returns table (
  name text, kind text, model text, base_url text, secret text, value text, options jsonb, key text, failures integer,
  protocol text, price_in numeric, price_out numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select p.name, p.kind, p.model, p.base_url, p.secret, s.value, p.options, p.key::text, p.failures,
    p.protocol, p.price_in, p.price_out
  from cortex.provider as p
  left join cortex.secret as s on s.name = p.secret
  where p_name is null or p.name = p_name
  order by p.name;
$$;

comment on function cortex.provider_of(text) is
'A provider, or all of them, with the secret that is kept here. For datapunk_worker only.';
