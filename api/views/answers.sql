create or replace view api.answers
with (security_invoker = true)
as
select
  a.id as answer_id, a.conversation_id, a.question, a.answer, a.route, a.confidence, a.data, a.plan, a.models, a.latency_ms,
  a.created_at, f.rating, f.note as feedback
from gaia.answer as a
left join gaia.feedback as f on f.owner_id = a.owner_id and f.answer_id = a.id;

comment on view api.answers is
'Questions with their answers, how they came about and what the owner thinks of them.';
