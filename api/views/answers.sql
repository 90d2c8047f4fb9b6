create or replace view api.answers
with (security_invoker = true)
as
select
  a.id as answer_id, a.conversation_id, a.question, a.answer, a.route, a.confidence, a.data, a.plan, a.models,
  a.latency_ms, a.created_at, f.rating, f.note as feedback, a.language
from gaia.answer as a
left join gaia.feedback as f on a.owner_id = f.owner_id and a.id = f.answer_id;

comment on view api.answers is
'Questions with their answers, how they came about and what the owner thinks of them.';
