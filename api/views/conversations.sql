create or replace view api.conversations
with (security_invoker = true)
as
select
  c.id as conversation_id, c.title, c.created_at,
  (
    select count(*) from gaia.answer as a where a.owner_id = c.owner_id and a.conversation_id = c.id
  ) as answers,
  (
    select max(a.created_at) from gaia.answer as a where a.owner_id = c.owner_id and a.conversation_id = c.id
  ) as last_answer_at
from gaia.conversation as c;

comment on view api.conversations is
'Questions that belong together; title is the first one. You may change the title or delete the row with its answers.';
