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

-- name: incumbent (text)
select v.id, v.signature, a.content
from forge.model as m
join forge.deployment as d
  on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null and d.traffic = 1 and not d.shadow
join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
join forge.artifact as a on a.owner_id = v.owner_id and a.version_id = v.id and a.name = 'model.onnx'
where m.owner_id = ops.current_owner() and m.name = $1
