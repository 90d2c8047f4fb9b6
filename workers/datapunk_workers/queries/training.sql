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

-- name: incumbent (text)
select v.id, v.signature, a.name, a.content
from forge.model as m
join forge.deployment as d
  on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null and d.traffic = 1 and not d.shadow
join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
left join forge.artifact as a
  on a.owner_id = v.owner_id and a.version_id = v.id and a.name in (
    'model.onnx', 'measured.npz', 'learned.digests', 'learned.npz', 'pipeline.spacy', 'tokenizer.json'
  )
where m.owner_id = ops.current_owner() and m.name = $1

-- name: incumbent_items (bigint)
select p.item, p.weight, coalesce(n.neighbours, '{}') as neighbours, coalesce(n.weights, '{}') as weights
from forge.popularity as p
left join forge.neighbour as n on n.owner_id = p.owner_id and n.version_id = p.version_id and n.item = p.ordinal
where p.owner_id = ops.current_owner() and p.version_id = $1
order by p.ordinal

-- name: incumbent_interactions (bigint)
select i.subject, i.items, i.weights
from forge.interaction as i
where i.owner_id = ops.current_owner() and i.version_id = $1

-- name: incumbent_forecasts (bigint)
select f.series, array_agg(extract(epoch from f.at)::double precision order by f.step) as at,
  array_agg(f.value order by f.step) as value
from forge.forecast as f
where f.owner_id = ops.current_owner() and f.version_id = $1
group by f.series
