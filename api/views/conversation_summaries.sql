create or replace view api.conversation_summaries
with (security_invoker = true)
as
select s.conversation_id, s.text, s.turns, s.until, s.updated_at
from gaia.conversation_summary as s;

comment on view api.conversation_summaries is
'What the older turns of conversations were about, a line each. You may change the text or delete the row; new turns
are added to what stands there.';
comment on column api.conversation_summaries.conversation_id is 'Key of the conversation, as in conversations.';
comment on column api.conversation_summaries.text is 'A line a turn: question and first sentence of the answer.';
comment on column api.conversation_summaries.turns is 'How many turns it has summed up.';
comment on column api.conversation_summaries.until is 'When the last of them was answered.';
comment on column api.conversation_summaries.updated_at is 'When a turn was last added.';
