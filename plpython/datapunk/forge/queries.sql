-- name: recipe (text)
select r.name, r.options
from forge.recipe as r
where r.name = $1

-- name: recipe_names ()
select string_agg(r.name, ', ' order by r.name) as names
from forge.recipe as r

-- name: model_recipe (text)
select m.recipe
from forge.model as m
where m.owner_id = (select ops.current_owner()) and m.name = $1

-- name: feature_view (text)
select f.query
from forge.feature_view as f
where f.owner_id = (select ops.current_owner()) and f.name = $1

-- name: define_feature_view (text, text, jsonb, text, int)
select forge.define_feature_view($1, $2, $3, $4, $5) as name

-- name: relation (text)
select format('select * from %I.%I', n.nspname, c.relname) as query,
  has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.oid = to_regclass($1) and c.relkind in ('v', 'm', 'r', 'p', 'f')

-- name: type_names (int[])
select format_type(t.oid, null) as name
from unnest($1) with ordinality as t (oid, position)
order by t.position

-- name: enqueue_job (text, text, text, text, jsonb)
select forge.enqueue_job($1, $2, $3, $4, $5) as job_id

-- name: version (text, int)
select v.owner_id, v.id, v.version, v.recipe, v.signature, v.parameters, v.primary_metric, v.seed, v.libraries,
  v.code_version, v.sha256, v.stale_reason, v.created_at::text as created_at, v.dataset_id
from forge.version_of($1, $2) as v

-- name: artifact_sha256 (text, bigint, text)
select a.sha256
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = $3

-- name: dataset (text, bigint)
select d.query, d.columns, d.row_count, d.fingerprint, d.read_at::text as read_at
from forge.dataset as d
where d.owner_id = $1 and d.id = $2

-- name: metrics (text, bigint)
select m.name, m.scored, m.value, m.lower, m.upper
from forge.metric as m
where m.owner_id = $1 and m.version_id = $2
order by m.name, m.scored <> 'model', m.scored

-- name: log_prediction (bigint, jsonb, jsonb, text, bool)
select forge.log_prediction($1, $2, $3, $4, $5) as id

-- name: serving (text, text, int)
select s.owner_id, s.version_id as id, s.log, s.shadow_id, a.sha256
from forge.serving($1, $2, $3) as s
left join forge.artifact as a on a.owner_id = s.owner_id and a.version_id = s.version_id and a.name = 'model.onnx'

-- name: serving_version (text, bigint)
select a.owner_id, a.version_id as id, a.sha256
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = 'model.onnx'

-- name: further_graphs (text, bigint)
select a.name, a.sha256
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name in ('where.onnx', 'when.onnx')

-- name: version_by_id (text, bigint)
select v.owner_id, v.id, v.version, v.recipe, v.signature
from forge.version as v
where v.owner_id = $1 and v.id = $2

-- name: scoring_query (text, text, jsonb, jsonb)
select forge.scoring_query($1, $2, $3, $4) as statement

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

-- name: artifact_content (text, bigint, text)
select a.content
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name = $3

-- name: version_package (bigint)
select forge.version_package($1) as package

-- name: signers ()
select k.public_key as signer
from forge.signing_key as k
where k.owner_id = (select ops.current_owner())

-- name: signing_key ()
select k.private_key
from forge.signing_key as k
where k.owner_id = (select ops.current_owner())

-- name: keep_signing_key (bytea, text)
select forge.keep_signing_key($1, $2) as private_key

-- name: import_version (jsonb, text, text, text[], bytea[])
select forge.import_version($1, $2, $3, $4, $5) as version

-- name: pictures (text, bigint)
select substring(a.name from 'plot_(.*)[.]svg') as kind
from forge.artifact as a
where a.owner_id = $1 and a.version_id = $2 and a.name like 'plot\_%.svg'
order by a.name

-- name: importances (text, bigint)
select i.key as feature, i.value::double precision as importance
from forge.artifact as a
cross join lateral jsonb_each_text(convert_from(a.content, 'UTF8')::jsonb -> 'importance') as i
where a.owner_id = $1 and a.version_id = $2 and a.name = 'plots.json'
order by i.value::double precision desc, i.key
limit 20

-- name: comparison (text, bigint)
select c.reason
from forge.comparison as c
where c.owner_id = $1 and c.version_id = $2

-- name: version_run (text, bigint)
select r.cpu_s, r.peak_memory_mb, extract(epoch from r.finished_at - r.started_at)::double precision as seconds
from forge.version as v
join forge.run as r on r.owner_id = v.owner_id and r.job_id = v.job_id and r.outcome = 'succeeded'
where v.owner_id = $1 and v.id = $2

-- name: slices (text, bigint)
select s.attribute, s.slice, s.measure, s.metric, s.sensitive, s.row_count, s.value, s.lower, s.upper
from forge.slice as s
where s.owner_id = $1 and s.version_id = $2
order by not s.sensitive, s.attribute, s.metric, s.row_count desc, s.slice

-- name: lineage (text, bigint)
select l.relation, l.source_owner, l.kind, l.source, l.row_count, l.since::text as since, l.until::text as until, l.basis
from forge.lineage as l
where l.owner_id = $1 and l.version_id = $2
order by l.ordinal
