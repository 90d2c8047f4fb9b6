-- name: active_generation ()
select g.id, g.model, g.dimensions
from cortex.generation as g
where g.state = 'active';

-- name: search (text, text, integer, integer, boolean, text[], text[], timestamptz, timestamptz)
select item_id, text_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at::text, title, body,
  url, repeats, candidates
from cortex.search($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: backlog ()
select
  exists (select from cortex.embedding as e where e.owner_id = (select ops.current_owner())) as embedded,
  (select count(*) from cortex.pending as p where p.owner_id = (select ops.current_owner()) and not p.failed) as pending,
  (select count(*) from cortex.pending as p where p.owner_id = (select ops.current_owner()) and p.failed) as failed;

-- name: item_texts (bigint)
select i.id as item_id, t.id as text_id, t.body, e.embedding::text as embedding
from lake.item as i
left join cortex.chunk as c on c.owner_id = i.owner_id and c.item_id = i.id
left join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id
left join cortex.embedding as e
  on e.owner_id = t.owner_id and e.text_id = t.id
  and e.generation_id = (select g.id from cortex.generation as g where g.state = 'active')
where i.owner_id = (select ops.current_owner()) and i.id = $1
order by c.ordinal;

-- name: blocks (tid[], text[])
select p.texts, array_position($2, p.term) as number, array_send(p.entries) as packed
from cortex.posting as p
where p.ctid = any ($1);

-- name: text_scores (bigint[], text[], float8[], float8, float8, text[], text[], timestamptz, timestamptz)
select text_id, score from cortex.text_scores($1, $2, $3, $4, $5, $6, $7, $8, $9);
