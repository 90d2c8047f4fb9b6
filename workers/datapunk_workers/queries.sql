-- name: receive (text, int, int)
select r.message_id, r.read_count, r.payload
from stream.receive($1, $2, $3) as r

-- name: receive_fairly (text, int)
select r.message_id, r.read_count, r.payload
from stream.receive_fairly($1, $2) as r

-- name: extend (text, bigint, int)
select stream.extend($1, $2, $3)

-- name: done (text, bigint)
select stream.done($1, $2)

-- name: bury (text, bigint, text)
select stream.bury($1, $2, $3)

-- name: act_as (text)
select set_config('datapunk.owner', $1, false)

-- name: schema_revision ()
select ops.schema_revision() as revision

-- name: process_report (text, text, jsonb)
select ops.process_report($1, 'worker', $2, $3)

-- name: index_batch ()
select cortex.index_batch(false) as items

-- name: take_names ()
select gaia.take_names()

-- name: expire_uploads ()
select lake.expire_uploads()

-- name: claim_job (bigint, text, int)
select c.state, c.token, c.attempt, c.model, c.recipe, c.query, c.options, c.role_name, c.timeout_s, c.memory_mb
from forge.claim_job($1, $2, $3) as c

-- name: cached_features (bigint, bigint)
select c.ttl_s, c.content
from forge.cached_features($1, $2) as c

-- name: cache_features (bigint, bigint, timestamptz, bytea)
select forge.cache_features($1, $2, $3, $4)

-- name: heartbeat_job (bigint, bigint, int)
select forge.heartbeat_job($1, $2, $3) as verdict

-- name: report_progress (bigint, bigint, float8, text, jsonb)
select forge.report_progress($1, $2, $3, $4, $5)

-- name: report_log (bigint, bigint, text)
select forge.report_log($1, $2, $3)

-- name: run_schedule (text)
select forge.run_schedule($1)

-- name: fail_job (bigint, bigint, text, text, text, int, jsonb)
select forge.fail_job($1, $2, $3, $4, $5, $6, $7) as status

-- name: write_version (bigint, bigint, jsonb)
select forge.write_version($1, $2, $3) as version_id

-- name: write_artifact (bigint, bigint, bigint, text, text, bytea)
select forge.write_artifact($1, $2, $3, $4, $5, $6)

-- name: artifact_keys ()
select a.version_id, a.name, forge.key_of(a.content) as key
from forge.artifact as a
where a.owner_id = ops.current_owner()
order by a.version_id, a.name

-- name: artifact (bigint, text)
select a.content
from forge.artifact as a
where a.owner_id = ops.current_owner() and a.version_id = $1 and a.name = $2

-- name: reseal_artifact (bigint, text, bytea)
select forge.reseal_artifact($1, $2, $3)

-- name: write_forecasts (bigint, bigint, bigint, text, float8[], float8[], text[], text[])
select forge.write_forecasts($1, $2, $3, $4, $5, $6, $7, $8)

-- name: write_items (bigint, bigint, bigint, int, text[], float8[])
select forge.write_items($1, $2, $3, $4, $5, $6)

-- name: write_neighbours (bigint, bigint, bigint, int[], text[], text[])
select forge.write_neighbours($1, $2, $3, $4, $5, $6)

-- name: write_interactions (bigint, bigint, bigint, text[], text[], text[])
select forge.write_interactions($1, $2, $3, $4, $5, $6)

-- name: finish_job (bigint, bigint, bigint, jsonb)
select forge.finish_job($1, $2, $3, $4) as version

-- name: claim_delivery (bigint, int)
select c.state, c.attempt, c.handler, c.role_name, c.depth, c.event
from stream.claim_delivery($1, $2) as c

-- name: finish_delivery (bigint, int)
select stream.finish_delivery($1, $2) as held

-- name: fail_delivery (bigint, int, text, text, boolean)
select stream.fail_delivery($1, $2, $3, $4, $5) as kept

-- name: lend_role (text, text, text)
select
  -- Ends a call whose worker is gone, so that its row is free for another one.
  set_config('client_connection_check_interval', '2s', true),
  set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $2, true),
  set_config('search_path', 'pg_catalog, api, public', true),
  set_config('datapunk.stream_depth', $3, true),
  set_config('role', $1, true)

-- name: try_lock (text)
select pg_try_advisory_lock(hashtextextended($1, 0)) as locked

-- name: unlock (text)
select pg_advisory_unlock(hashtextextended($1, 0)) as unlocked

-- name: generation_state (bigint)
select s.state, s.model, s.dimensions, s.activation, s.stage, s.ready, s.failures, s.active_id, s.active_model, s.expired
from cortex.generation_state($1) as s

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

-- name: recall_due ()
select cortex.recall_due() as due

-- name: index_effort (bigint)
select set_config('hnsw.ef_search', cortex.index_effort($1)::text, false)

-- name: index_recall (bigint, text[])
select cortex.index_recall($1, $2) as recall

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

-- name: claim_task (bigint, text, int)
select c.state, c.token, c.question, c.options, c.settings::text as settings, c.role_name
from gaia.claim_task($1, $2, $3) as c

-- name: heartbeat_task (bigint, bigint, int)
select gaia.heartbeat_task($1, $2, $3) as verdict

-- name: finish_task (bigint, bigint, uuid, text, text, text)
select gaia.finish_task($1, $2, $3, $4, $5, $6) as kept

-- name: answer_as (text, text, text)
select
  set_config('client_connection_check_interval', '2s', true),
  set_config('statement_timeout', $2, true),
  set_config('search_path', 'pg_catalog, api, public', true),
  (select count(set_config(s.key, s.value, true)) from jsonb_each_text($3::jsonb) as s),
  set_config('role', $1, true)

-- name: answer_question (text, jsonb)
select a.answer_id::text as answer_id from api.gaia_answer($1, $2) as a

-- name: chat_model (jsonb)
select gaia.chat_model($1) as name

-- name: gather (text, jsonb, int)
select gaia.gather($1, $2, $3)::text as gathered

-- name: reserve_usage (text, text, bigint, bigint, bigint)
select gaia.reserve_usage($1, $2, $3, $4, $5) as id

-- name: settle_usage (bigint, text, bigint, bigint, text)
select gaia.settle_usage($1, $2, $3, $4, $5)::float8 as cost

-- name: read_only ()
set transaction read only

-- name: only_catalog ()
set local search_path to pg_catalog

-- name: own_role ()
set local role none

-- name: incumbent (text)
select v.id, v.signature, a.name, a.content
from forge.model as m
join forge.deployment as d
  on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null and d.traffic = 1 and not d.shadow
join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
join forge.artifact as a on a.owner_id = v.owner_id and a.version_id = v.id and a.name in ('model.onnx', 'measured.npz')
where m.owner_id = ops.current_owner() and m.name = $1

-- name: pii_settings ()
select p.model, p.least_score from lake.pii_settings() as p

-- name: claim_pii (int, int)
select c.item_id, c.revision, c.texts::text as texts from lake.claim_pii($1, $2) as c

-- name: store_pii (jsonb, text)
select lake.store_pii($1, $2) as stored

-- name: fail_pii (bigint, bigint, text)
select lake.fail_pii($1, $2, $3)

-- name: release_pii (bigint[])
select lake.release_pii($1)

-- name: enqueue_pii ()
select lake.enqueue_pii()
