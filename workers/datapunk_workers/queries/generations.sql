-- name: generation_state (bigint)
select s.state, s.model, s.dimensions, s.activation, s.stage, s.ready, s.failures, s.active_id, s.active_model, s.expired
from cortex.generation_state($1) as s

-- name: is_trained (text)
select exists (
  select from forge.model as m where m.owner_id = ops.current_owner() and m.owner_id <> 'system' and m.name = $1
) as trained

-- name: create_partition (bigint)
select cortex.create_partition($1) as created

-- name: activate_generation (bigint)
select cortex.activate_generation($1)

-- name: drop_generation (bigint)
select cortex.drop_generation($1) as dropped

-- name: report_generation (bigint, text, int, jsonb, text)
select cortex.report_generation($1, $2, $3, $4, $5)

-- name: enqueue_maintenance (text, text)
select cortex.enqueue_maintenance($1, $2)

-- name: enqueue_embedding ()
select cortex.enqueue_embedding()

-- name: holders ()
select h.name from cortex.holders() as h (name)

-- name: fill_pending (bigint, bigint, int)
select f.last_id, f.added from cortex.fill_pending($1, $2, $3) as f

-- name: owner_backlog (bigint)
select b.waiting, b.failed, b.embedded from cortex.owner_backlog($1) as b

-- name: drop_backlog ()
select cortex.drop_backlog() as dropped

-- name: index_plan (bigint)
select p.index_name, p.dimensions, p.m, p.ef_construction, p.memory_mb, p.stale from cortex.index_plan($1) as p

-- name: index_effort (bigint)
select set_config('hnsw.ef_search', cortex.index_effort($1)::text, false)

-- name: index_recall (bigint, text[])
select cortex.index_recall($1, $2) as recall

-- name: recall_due ()
select cortex.recall_due() as due

-- name: recent_questions (int)
select q.question from gaia.recent_questions($1) as q (question)

-- name: sample_texts (int)
select s.words from cortex.sample_texts($1) as s (words)

-- name: judgments ()
select j.query, j.item_ids, j.relevances from cortex.judgments() as j

-- name: nearest_texts (bigint, text, int)
select n.text_id from cortex.nearest_texts($1, $2, $3, false) as n

-- name: nearest_items (bigint, text, int)
select n.item_id from cortex.nearest_items($1, $2, $3) as n (item_id)

-- name: provider_of (text)
select p.name, p.kind, p.model, p.base_url, p.secret, p.value, p.options, p.key, p.failures, p.protocol,
  p.price_in::float8 as price_in, p.price_out::float8 as price_out
from cortex.provider_of($1) as p

-- name: is_prepared (text)
select exists (
  select from forge.model as m where m.owner_id = 'system' and m.name = $1 and m.recipe in ('embedder', 'cross_encoder')
) as prepared

-- name: store_model (text, text, jsonb, text[], text[], bytea[])
select cortex.store_model($1, $2, $3, $4, $5, $6) as stored

-- name: pause_provider (text, float8, text)
select cortex.pause_provider($1, $2, $3) as failures
