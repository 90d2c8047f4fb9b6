create or replace view api.thread_items
with (security_invoker = true)
as
select n.conversation_id as thread_id, u.item_id
from lake.conversation_item as n
cross join lateral unnest(n.item_ids) as u (item_id);

comment on view api.thread_items is
'Which message or mail belongs to which thread.';
comment on column api.thread_items.thread_id is 'Thread, as in threads.';
comment on column api.thread_items.item_id is 'Message or mail, as in items.';
