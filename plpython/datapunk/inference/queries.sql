-- name: embedder (text)
select v.parameters as config, v.recipe, jsonb_object_agg(a.name, a.sha256) as files
from (
  select v.owner_id, v.id, v.parameters, m.recipe
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
  join forge.version as v on v.owner_id = d.owner_id and v.id = d.version_id
  where m.name = $1 and m.recipe in ('embedder', 'cross_encoder') and m.owner_id in ((select ops.current_owner()), 'system')
  order by m.owner_id = 'system'
  limit 1
) as v
join forge.artifact as a on a.owner_id = v.owner_id and a.version_id = v.id
where a.name <> 'plots.json' and a.name not like 'plot\_%.svg'
group by v.owner_id, v.id, v.parameters, v.recipe

-- name: provider (text)
select p.kind, jsonb_build_object('key', p.key, 'prompts', p.options -> 'prompts') as config
from cortex.provider as p
where p.name = $1

-- name: predictor (text)
select a.sha256, a.name
from forge.artifact as a
where a.owner_id in ((select ops.current_owner()), 'system') and a.sha256 = $1
  and a.name in ('model.onnx', 'where.onnx', 'when.onnx', 'pipeline.spacy')
limit 1

-- name: own_embedder (text)
select jsonb_build_object('model.onnx', a.sha256, 'tokenizer.json', t.sha256) as files
from forge.artifact as a
join forge.artifact as t on t.owner_id = a.owner_id and t.version_id = a.version_id and t.name = 'tokenizer.json'
where a.owner_id in ((select ops.current_owner()), 'system') and a.sha256 = $1 and a.name = 'embedder.onnx'
limit 1

-- name: content (text)
select a.content
from forge.artifact as a
where a.owner_id in ((select ops.current_owner()), 'system') and a.sha256 = $1
limit 1
