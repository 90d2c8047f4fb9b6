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

-- name: check_sketch (text, jsonb, text)
select gaia.check_sketch($1, $2, $3)::text as written

-- name: gather (text, jsonb, int, jsonb)
select gaia.gather($1, $2, $3, $4)::text as gathered

-- name: reserve_usage (text, text, bigint, bigint, bigint)
select gaia.reserve_usage($1, $2, $3, $4, $5) as id

-- name: settle_usage (bigint, text, bigint, bigint, text)
select gaia.settle_usage($1, $2, $3, $4, $5)::float8 as cost
