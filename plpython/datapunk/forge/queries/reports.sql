-- name: dataset (text, bigint)
select d.query, d.columns, d.row_count, d.fingerprint, d.read_at::text as read_at
from forge.dataset as d
where d.owner_id = $1 and d.id = $2

-- name: metrics (text, bigint)
select m.name, m.scored, m.value, m.lower, m.upper
from forge.metric as m
where m.owner_id = $1 and m.version_id = $2
order by m.name, m.scored <> 'model', m.scored

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
