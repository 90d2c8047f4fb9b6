create or replace view api.citations
with (security_invoker = true)
as
select c.answer_id, c.ordinal, c.item_id, i.kind, i.title, i.occurred_at, i.url, c.snippet, a.question
from gaia.citation as c
join gaia.answer as a on a.owner_id = c.owner_id and a.id = c.answer_id
left join lake.item as i on i.owner_id = c.owner_id and i.id = c.item_id;

comment on view api.citations is
'Which answer rests on which item.';
