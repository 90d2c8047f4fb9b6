create or replace view api.conversations
with (security_invoker = true)
as
select
  c.id as conversation_id, c.title, c.created_at, count(a.id) as answers, max(a.created_at) as last_answer_at
from gaia.conversation as c
left join gaia.answer as a on c.owner_id = a.owner_id and c.id = a.conversation_id
group by c.owner_id, c.id, c.title, c.created_at;

comment on view api.conversations is
'Questions that belong together; title is the first one.';
