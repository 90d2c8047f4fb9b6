create or replace view api.usage
with (security_invoker = true)
as
select
  u.id as usage_id, u.provider, u.model, u.purpose, u.state, u.tokens_in, u.tokens_out, u.cost,
  u.task_id as job_id, u.answer_id, u.error, u.at
from gaia.usage as u;

comment on view api.usage is
'Calls of language models: tokens and cost of each, by the provider''s count and prices, and the answer they were for.';
comment on column api.usage.state is
'reserved (under way, or its worker died, so that what it may have used is counted), settled, or released (nothing was
used).';
