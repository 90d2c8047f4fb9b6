create or replace view api.providers
with (security_invoker = true)
as
select
  p.name, p.kind, p.model, p.base_url, p.secret, p.options, p.failures, p.retry_at, p.error, p.created_at,
  case
    when p.kind in ('openai', 'rerank', 'chat') then true
    else exists (select from forge.model as m where m.owner_id = 'system' and m.name = p.name)
  end as prepared,
  p.protocol, p.price_in, p.price_out
from cortex.provider as p;

comment on view api.providers is
'Where embeddings, rerankings and worded answers come from besides the built-in models; cortex_provider_add adds one.';
comment on column api.providers.secret is 'Name of the secret, never the secret itself.';
comment on column api.providers.protocol is 'How a language model is asked: openai, anthropic or gemini.';
comment on column api.providers.price_in is 'Price of a million tokens that it reads.';
comment on column api.providers.price_out is 'Price of a million tokens that it writes.';
comment on column api.providers.prepared is 'Whether a worker has made the model ready; true for endpoints.';
comment on column api.providers.retry_at is 'It failed, and is asked again then; error says what happened.';
