create or replace view api.conversations
with (security_invoker = true)
as
select
  c.id as conversation_id, c.title, c.created_at, count(a.id) as answers, max(a.created_at) as last_answer_at
from gaia.conversation as c
left join gaia.answer as a on a.owner_id = c.owner_id and a.conversation_id = c.id
group by c.owner_id, c.id, c.title, c.created_at;

comment on view api.conversations is
'Questions that belong together; title is the first one.';
