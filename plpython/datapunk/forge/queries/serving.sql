-- name: version (text, int)
select v.owner_id, v.id, v.version, v.recipe, v.signature
from forge.version_of($1, $2) as v

-- name: any_version (text, int)
select v.owner_id, v.id, v.version, v.recipe, v.signature, v.parameters, v.primary_metric, v.seed, v.libraries,
  v.code_version, v.sha256, v.stale_reason, v.created_at::text as created_at, v.dataset_id, v.retired_at is not null as retired
from forge.find_version($1, $2) as v

-- name: version_by_id (text, bigint)
select v.owner_id, v.id, v.version, v.recipe, v.signature
from forge.version as v
where v.owner_id = $1 and v.id = $2

-- name: serving (text, text, int)
select s.owner_id, s.version_id as id, s.log, s.shadow_id, a.sha256,
  current_setting('transaction_read_only')::boolean as read_only
from forge.serving($1, $2, $3) as s
left join forge.artifact as a on a.owner_id = s.owner_id and a.version_id = s.version_id and a.name = 'model.onnx'

-- name: serving_version (text, bigint)
select v.owner_id, v.id, a.sha256
from forge.version as v
left join forge.artifact as a on a.owner_id = v.owner_id and a.version_id = v.id and a.name = 'model.onnx'
where v.owner_id = $1 and v.id = $2

-- name: further_graphs (text, bigint)
select a.name, a.sha256
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name in ('where.onnx', 'when.onnx')

-- name: artifact_sha256 (text, bigint, text)
select a.sha256
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = $3

-- name: artifact_content (text, bigint, text)
select a.content
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = $3

-- name: log_prediction (bigint, jsonb, jsonb, text, bool)
select forge.log_prediction($1, $2, $3, $4, $5) as id

-- name: rendered (jsonb, jsonb)
select forge.rendered($1, $2) as features

-- name: scoring_query (text, text, jsonb, jsonb)
select forge.scoring_query($1, $2, $3, $4) as statement

-- name: series_query (text, text, text, text, jsonb)
select forge.series_query($1, $2, $3, $4, $5) as statement

-- name: compiled (text, bigint)
select c.name, c.types
from forge.compiled as c
where c.owner_id = $1 and c.version_id = $2

-- name: compiled_query (text, text, text, jsonb, jsonb, text[])
select forge.compiled_query($1, $2, $3, $4, $5, $6) as statement

-- name: native_query (text, text, jsonb, jsonb, jsonb)
select forge.native_query($1, $2, $3, $4, $5) as statement

-- name: native_form (text, bigint, int)
select convert_from(a.content, 'UTF8') as native
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = 'native.json' and forge.key_of(a.content) is null
  and octet_length(a.content) <= coalesce($3, 2147483647)

-- name: sql_form (text, bigint)
select nullif(v.parameters ->> 'sql_form', 'native') as reason
from forge.version as v
where v.owner_id = $1 and v.id = $2
