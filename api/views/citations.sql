create or replace view api.citations
with (security_invoker = true)
as
select c.answer_id, c.ordinal, c.item_id, i.kind, i.title, i.occurred_at, i.url, c.snippet, a.question
from gaia.citation as c
inner join gaia.answer as a on c.owner_id = a.owner_id and c.answer_id = a.id
left join lake.item as i on c.owner_id = i.owner_id and c.item_id = i.id;

comment on view api.citations is
'Which answer rests on which item.';
