create or replace view api.threads
with (security_invoker = true)
as
with sender as (
  select s.owner_id, i.person_id, u.item_id
  from lake.person_item as s
  cross join lateral unnest(s.item_ids) as u (item_id)
  join lake.person_alias as a on a.owner_id = s.owner_id and a.id = s.alias_id
  join lake.person_identifier as i on i.owner_id = a.owner_id and i.id = a.identifier_id
  where s.part = 'sender'
), member as (
  select distinct n.owner_id, n.conversation_id, s.person_id
  from lake.conversation_item as n
  cross join lateral unnest(n.item_ids) as u (item_id)
  join sender as s on s.owner_id = n.owner_id and s.item_id = u.item_id
)
select
  c.id as thread_id, c.external_id as conversation, c.source, c.kind,
  case when c.kind = 'mail' then regexp_replace(c.title, '^((re|fwd?|aw|wg|sv|vs|tr|rv|rif|antw)\s*:\s*)+', '', 'i')
    else c.title
  end as title,
  coalesce(w.participants, '{}') as participants, coalesce(m.messages, 0) as messages, m.first_at, m.last_at
from lake.conversation as c
left join (
  select n.owner_id, n.conversation_id, count(*) as messages, min(t.occurred_at) as first_at,
    max(t.occurred_at) as last_at
  from lake.conversation_item as n
  cross join lateral unnest(n.item_ids) as u (item_id)
  join lake.item as t on t.owner_id = n.owner_id and t.id = u.item_id
  group by n.owner_id, n.conversation_id
) as m on m.owner_id = c.owner_id and m.conversation_id = c.id
left join (
  select b.owner_id, b.conversation_id, array_agg(p.name order by p.name, p.id) as participants
  from member as b
  join lake.person as p on p.owner_id = b.owner_id and p.id = b.person_id
  group by b.owner_id, b.conversation_id
) as w on w.owner_id = c.owner_id and w.conversation_id = c.id;

comment on view api.threads is
'Chats and threads of mails, with who wrote in them. A thread of mails is what their source numbers, as Gmail does, else
what hangs together by References or In-Reply-To; subjects alone join nothing.';
comment on column api.threads.thread_id is 'Key, as in thread_items.';
comment on column api.threads.conversation is 'Its identifier in its source, else the name of the chat.';
comment on column api.threads.source is 'Where it comes from.';
comment on column api.threads.kind is 'chat or mail.';
comment on column api.threads.title is 'Name of the chat, subject of the thread, as its latest message has it.';
comment on column api.threads.participants is 'Names of those who wrote in it.';
comment on column api.threads.messages is 'Number of messages or mails.';
comment on column api.threads.first_at is 'When the first one was written.';
comment on column api.threads.last_at is 'When the last one was written.';
