create or replace view api.topics
with (security_invoker = true)
as
select
  t.name, t.description, case t.owner_id when 'system' then 'builtin' else 'own' end as source, t.created_at
from stream.topic as t;

comment on view api.topics is
'What can be subscribed to: topics that Datapunk publishes under (builtin, as patterns), and those that the owner has.';
