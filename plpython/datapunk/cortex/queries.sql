-- name: active_generation ()
select g.id, g.model, g.dimensions
from cortex.generation as g
where g.state = 'active';

-- name: search (text, text, integer, integer, boolean, text[], text[], timestamptz, timestamptz, jsonb)
select item_id, text_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at::text, title, body,
  url, repeats, candidates
from cortex.search($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

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

-- name: text_scores (bigint[], text[], float8[], float8, float8, text[], text[], timestamptz, timestamptz, jsonb)
select text_id, score from cortex.text_scores($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: embedder_exists (text)
select exists (
  select from cortex.provider as p where p.name = $1 and p.kind in ('openai', 'sentence_transformers', 'static')
) or exists (
  select
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
  where m.name = $1 and m.recipe = 'embedder' and m.owner_id in ((select ops.current_owner()), 'system')
) as found;

-- name: start_generation (text, text, interval, boolean)
select cortex.start_generation($1, $2, $3, $4) as id;

-- name: write_provider (text, text, text, text, text, jsonb)
select cortex.write_provider($1, $2, $3, $4, $5, $6) as name;

-- name: external_items (text[])
select i.external_id, min(i.id) as id
from lake.item as i
where i.owner_id = (select ops.current_owner()) and i.external_id = any ($1)
group by i.external_id;

-- name: forget_judgments ()
delete from cortex.judgment as j where j.owner_id = (select ops.current_owner());

-- name: keep_judgments (text[], bigint[], integer[])
insert into cortex.judgment (query, item_id, relevance)
select u.query, u.item_id, u.relevance
from unnest($1, $2, $3) as u (query, item_id, relevance)
where u.item_id > 0
on conflict on constraint judgment_pk do update set relevance = excluded.relevance;

-- name: neighbours (bigint[], bytea[])
with hit as materialized (
  select h.place, h.item_id, c.ordinal
  from unnest($1, $2) with ordinality as h (item_id, hash, place)
  join cortex.text as t on t.owner_id = (select ops.current_owner()) and t.hash = h.hash
  cross join lateral (
    select c.ordinal
    from cortex.chunk as c
    where c.owner_id = (select ops.current_owner()) and c.text_id = t.id and c.item_id = h.item_id
    order by c.ordinal
    limit 1
  ) as c
), letter as materialized (
  select h.place, h.item_id, i.kind, i.source, i.occurred_at
  from hit as h
  join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = h.item_id
  where i.kind in ('message', 'mail') and i.occurred_at is not null
), near as materialized (
  -- Conversations are told apart among what was written about that time, on the same way.
  select l.place, l.item_id as hit_id, n.id, n.occurred_at, n.occurred_at > l.occurred_at as later
  from letter as l
  cross join lateral (
    (
      select i.id, i.occurred_at
      from lake.item as i
      where i.owner_id = (select ops.current_owner()) and i.kind = l.kind and i.source = l.source
        and i.occurred_at <= l.occurred_at and i.id <> l.item_id
      order by i.occurred_at desc
      limit 20
    )
    union all
    (
      select i.id, i.occurred_at
      from lake.item as i
      where i.owner_id = (select ops.current_owner()) and i.kind = l.kind and i.source = l.source
        and i.occurred_at > l.occurred_at
      order by i.occurred_at
      limit 20
    )
  ) as n
), conversation as materialized (
  select c.item_id, c.source, c.kind, c.external_id
  from lake.letters(array(select n.id from near as n union select n.hit_id from near as n)) as c
), thread as (
  select distinct on (n.place, n.later) n.place, n.id
  from near as n
  join conversation as h on h.item_id = n.hit_id
  join conversation as o
    on o.item_id = n.id and o.source = h.source and o.kind = h.kind and o.external_id = h.external_id
  order by n.place, n.later, abs(extract(epoch from n.occurred_at - (select l.occurred_at from letter as l where l.place = n.place)))
), beside as (
  select h.place, h.item_id, h.ordinal + d.step as ordinal, d.step
  from hit as h
  cross join (values (0), (-1), (1)) as d (step)
  union all
  select t.place, t.id, 0, 2
  from thread as t
)
select b.place, b.item_id, b.ordinal, t.body, i.kind, i.occurred_at::text, i.title, i.url, null::double precision as score
from beside as b
join cortex.chunk as c
  on c.owner_id = (select ops.current_owner()) and c.item_id = b.item_id and c.ordinal = b.ordinal
join cortex.text as t on t.owner_id = (select ops.current_owner()) and t.id = c.text_id
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = b.item_id
order by b.place, b.step <> 0, b.step, b.item_id;

-- name: reranker ()
select p.name
from cortex.provider as p
where p.kind in ('rerank', 'cross_encoder')
order by p.created_at desc
limit 1;

-- name: generation_standing (bigint)
select g.id as generation, g.stage, g.error,
  case when g.state = 'building' and g.ready_at is not null then 'ready' else g.state end as state
from cortex.generation as g
where g.id = $1;

-- name: interval_s (text)
select extract(epoch from $1::interval)::double precision as seconds;
