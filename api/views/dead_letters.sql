create or replace view api.dead_letters
with (security_invoker = true)
as
select
  d.id as dead_letter_id, d.message_id, d.topic, d.payload, d.subscription_id, s.handler, d.attempts,
  d.error_sqlstate, d.error as reason, d.published_at, d.died_at
from stream.delivery as d
join stream.subscription as s on s.owner_id = d.owner_id and s.id = d.subscription_id
where d.died_at is not null;

comment on view api.dead_letters is
'Messages that a handler failed on in every attempt, with the reason of the last one.
stream_requeue delivers one again.';
