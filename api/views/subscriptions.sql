create or replace view api.subscriptions
with (security_invoker = true)
as
select
  s.id as subscription_id, s.pattern, s.handler, s.role_name as role, s.created_at,
  count(d.id) filter (where d.died_at is null) as waiting,
  count(d.id) filter (where d.died_at is not null) as dead_letters
from stream.subscription as s
left join stream.delivery as d on d.owner_id = s.owner_id and d.subscription_id = s.id
group by s.owner_id, s.id;

comment on view api.subscriptions is
'Functions that are called for messages: pattern of topics, handler, the role whose rights it is called with, messages
that wait or are tried again, and dead letters.';
