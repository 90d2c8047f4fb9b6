create or replace function cortex.write_provider(
  p_name text, p_kind text, p_model text, p_base_url text, p_secret text, p_options jsonb
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into cortex.provider as p (name, kind, model, base_url, secret, options, protocol, price_in, price_out)
  values (
    p_name, p_kind, p_model, p_base_url, p_secret, p_options - array['protocol', 'price_in', 'price_out'],
    p_options ->> 'protocol', (p_options ->> 'price_in')::numeric, (p_options ->> 'price_out')::numeric
  )
  on conflict on constraint provider_pk do update
    set model = excluded.model, base_url = excluded.base_url, secret = excluded.secret, options = excluded.options,
      protocol = excluded.protocol, price_in = excluded.price_in, price_out = excluded.price_out,
      key = gen_random_uuid(), failures = 0, retry_at = null, error = null
    -- What embeddings were made with stays; what words answers may change.
    where p.kind = excluded.kind and (p.model = excluded.model or p.kind = 'chat')
      and p.options -> 'prompts' is not distinct from excluded.options -> 'prompts';
  if not found then
    perform ops.fail(
      '23505', format('provider %s is there with another kind, model or prompts', p_name),
      'Embeddings of one name come from one model: choose another name, or remove that provider first.'
    );
  end if;
  if p_kind in ('sentence_transformers', 'static', 'cross_encoder') then
    perform cortex.enqueue_maintenance('prepare', p_name);
  end if;
  return p_name;
end
$$;

comment on function cortex.write_provider(text, text, text, text, text, jsonb) is
'The part of api.cortex_provider_add that writes. SQLSTATE 23505 when the name stands for another model,
or for one with other prompts: its embeddings would differ.';
