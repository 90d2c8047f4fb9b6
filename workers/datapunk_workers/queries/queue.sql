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

-- name: run_schedule (text, bigint, float8)
select forge.run_schedule($1, $2, $3) as job_id

-- name: counted_query (text)
select c.query, c.role_name
from forge.counted_query($1) as c

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

-- name: own_role ()
set local role none

-- name: try_lock (text)
select pg_try_advisory_lock(hashtextextended($1, 0)) as locked

-- name: unlock (text)
select pg_advisory_unlock(hashtextextended($1, 0)) as unlocked

-- name: read_only ()
set transaction read only

-- name: only_catalog ()
set local search_path to pg_catalog

-- name: index_batch ()
select cortex.index_batch(false) as items

-- name: take_names ()
select gaia.take_names()

-- name: expire_uploads ()
select lake.expire_uploads()
