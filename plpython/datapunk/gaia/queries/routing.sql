-- name: context ()
select
  ops.current_owner() as owner,
  to_char(ops.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS+00:00') as now,
  coalesce(cortex.held_model(), 'all-MiniLM-L6-v2') as model,
  coalesce((select max(i.id) from lake.item as i where i.owner_id = (select ops.current_owner())), 0) as newest_item,
  coalesce((select s.item_id from gaia.name_state as s where s.owner_id = (select ops.current_owner())), 0) as named_item,
  (
    select r.embedder
    from gaia.router as r
    join forge.version as v on v.owner_id = r.owner_id and v.id = r.version_id
    where r.owner_id = (select ops.current_owner()) and r.embedder is not null
    limit 1
  ) as router_embedder

-- name: route (text, text, text, text[], text)
-- A text is read as a vector once where a subquery reads it, else for every row.
with wanted as (
  select
    coalesce(string_agg(s.changes::text, ':' order by s.owner_id = 'system'), '') as fingerprint,
    bool_or(s.owner_id = $1) as own
  from gaia.example_state as s
  where s.owner_id in ($1, 'system')
), chosen as materialized (
  select w.fingerprint, case
    when exists (select from gaia.router as o where o.owner_id = $1 and o.model = $2 and o.fingerprint = w.fingerprint) then $1
    when w.own then $1
    else 'system'
  end as owner_id
  from wanted as w
), worded as materialized (
  select public.sum(t.weights)::real[] as wording, sum(t.idf * t.idf) as squares
  from unnest($4) as a (term)
  -- One by one: with the statistics of before a training all terms of a router would be read for a few.
  cross join lateral (
    select t.weights, t.idf
    from gaia.router_term as t
    where t.owner_id = (select c.owner_id from chosen as c) and t.model = $2 and t.term = a.term
    limit 1
  ) as t
)
select w.fingerprint as wanted, l.wording, l.squares, r.subroutines, r.ordinals, r.scores, r.nearness, r.threshold,
  r.floor, r.fingerprint, r.embedder, r.version_id is distinct from f.version_id as is_old
from chosen as w
cross join worded as l
left join lateral (
  select d.version_id
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
  where m.owner_id = $1 and m.recipe = 'router'
  order by d.deployed_at desc
  limit 1
) as f on true
cross join lateral (
  -- One row for all: what the subroutines of a router share is not repeated for each.
  select array_agg(r.subroutine) as subroutines, array_agg(r.ordinal) as ordinals,
    array_agg(case when coalesce(r.embedder, $2) = $5 then r.bias - (r.weights operator(public.<#>) v.vector) else 0 end)
      as scores,
    array_agg(case when coalesce(r.embedder, $2) = $5 then -(r.direction operator(public.<#>) v.vector) end) as nearness,
    max(r.threshold) as threshold, max(r.floor) as floor, max(r.fingerprint) as fingerprint,
    coalesce(max(r.embedder), $2) as embedder, (array_agg(r.version_id))[1] as version_id
  from (select $3::public.vector as vector offset 0) as v
  join gaia.router as r on r.model = $2 and r.owner_id = w.owner_id
) as r
where r.subroutines is not null

-- name: handlers (text, text[])
-- A function that is not there, or is another kind of function by now, is no handler.
select distinct on (s.name) s.name, s.handler
from (
  select s.name, s.owner_id,
    quote_ident(split_part(s.handler, '.', 1)) || '.' || quote_ident(split_part(s.handler, '.', 2)) as handler
  from gaia.subroutine as s
  where s.name = any ($2) and s.owner_id in ($1, 'system')
) as s
where pg_get_function_result(to_regprocedure(s.handler || '(jsonb)')) = 'jsonb'
order by s.name, s.owner_id = 'system'

-- name: examples (text[])
select e.subroutine, e.text, e.language
from gaia.example as e
where e.owner_id = any ($1)
order by e.owner_id, e.id

-- name: examples_of (text[], text[], bigint)
select e.subroutine, e.text, e.language
from (
  select e.subroutine, e.text, e.language, e.id, row_number() over (partition by e.subroutine order by e.id desc) as place
  from gaia.example as e
  where e.owner_id = any ($1) and e.subroutine = any ($2)
) as e
where e.place <= $3
order by e.id

-- name: example_vectors (text[], text, text[])
select distinct on (v.text) v.text, v.embedding::text as embedding
from gaia.example_vector as v
where v.owner_id = any ($1) and v.model = $2 and v.text = any ($3)
order by v.text

-- name: example_vectors_insert (text, text, text[], text[])
insert into gaia.example_vector (owner_id, model, text, embedding)
select $1, $2, t.text, t.vector::public.halfvec
from unnest($3, $4) as t (text, vector)
on conflict on constraint example_vector_pk do nothing

-- name: router_replace (text, text, text[], text[], double precision[], text[], text[], bigint, double precision, double precision, text)
with gone as (
  delete from gaia.router as r where r.owner_id = $1 and r.model = $2 and r.subroutine <> all ($3)
)
insert into gaia.router as r (
  owner_id, model, subroutine, ordinal, weights, bias, direction, fingerprint, fitted_at, version_id, threshold, floor,
  embedder
)
select $1, $2, t.subroutine, t.ordinal - 1, t.weights::public.vector, t.bias, t.direction::public.vector,
  coalesce((
    select string_agg(s.changes::text, ':' order by s.owner_id = 'system')
    from gaia.example_state as s
    where s.owner_id = any ($7)
  ), ''), now(), $8, $9, $10, $11
from unnest($3, $4, $5, $6) with ordinality as t (subroutine, weights, bias, direction, ordinal)
on conflict on constraint router_pk do update
  set ordinal = excluded.ordinal, weights = excluded.weights, bias = excluded.bias, direction = excluded.direction,
    fingerprint = excluded.fingerprint, fitted_at = excluded.fitted_at, version_id = excluded.version_id,
    threshold = excluded.threshold, floor = excluded.floor, embedder = excluded.embedder

-- name: router_terms_replace (text, text, text[], double precision[], text[])
with gone as (
  delete from gaia.router_term as r where r.owner_id = $1 and r.model = $2 and r.term <> all ($3)
)
insert into gaia.router_term as r (owner_id, model, term, idf, weights)
select $1, $2, t.term, t.idf, t.weights::public.vector
from unnest($3, $4, $5) as t (term, idf, weights)
on conflict on constraint router_term_pk do update set idf = excluded.idf, weights = excluded.weights

-- name: installed_router (text)
select coalesce(
  (
    select bool_and(r.fingerprint = (select s.changes::text from gaia.example_state as s where s.owner_id = 'system'))
    from gaia.router as r
    where r.owner_id = 'system' and r.model = $1
  ),
  false
) as fits

-- name: deployed_router (text)
select d.version_id, convert_from(a.content, 'UTF8') as content
from forge.model as m
join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
left join forge.artifact as a
  on a.owner_id = m.owner_id and a.version_id = d.version_id and a.name = 'router.json'
where m.owner_id = $1 and m.recipe = 'router'
order by d.deployed_at desc
limit 1

-- name: example_classes (text[])
select distinct e.subroutine from gaia.example as e where e.owner_id = any ($1)
