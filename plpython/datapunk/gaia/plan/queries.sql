-- name: signatures ()
-- Of an owner's and the installation's subroutine of one name, the owner's counts.
select distinct on (s.name)
  s.name, s.source, s.input_schema::text as input_schema, p.provolatile = 'v' as is_volatile,
  quote_ident(n.nspname) || '.' || quote_ident(p.proname) as handler
from gaia.subroutine as s
join pg_namespace as n on n.nspname = split_part(s.handler, '.', 1)
join pg_proc as p
  on p.pronamespace = n.oid and p.proname = split_part(s.handler, '.', 2)
  and p.pronargs = 1 and p.proargtypes[0] = 'jsonb'::regtype and p.prorettype = 'jsonb'::regtype
where s.owner_id in ((select ops.current_owner()), 'system')
order by s.name, s.owner_id = 'system'

-- name: offers (text[], text[])
select distinct on (s.name) s.name, s.description, s.input_schema::text as input_schema, s.source
from gaia.subroutine as s
where s.owner_id in ((select ops.current_owner()), 'system') and s.name = any ($1) and s.name <> all ($2)
order by s.name, s.owner_id = 'system'

-- name: questions_before (uuid, integer)
select q.question
from (
  select a.question, a.created_at
  from gaia.answer as a
  where a.owner_id = (select ops.current_owner()) and a.conversation_id = $1
  order by a.created_at desc
  limit $2
) as q
order by q.created_at

-- name: handler_of (text, text)
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) as handler, p.provolatile = 'v' as is_volatile
from pg_namespace as n
join pg_proc as p
  on p.pronamespace = n.oid and p.pronargs = 1 and p.proargtypes[0] = 'jsonb'::regtype
  and p.prorettype = 'jsonb'::regtype
where n.nspname = $1 and p.proname = $2

-- name: result_kept (text, text)
select r.result::text as result
from gaia.step_result as r
where r.owner_id = (select ops.current_owner()) and r.key = $1 and r.data_version = $2 and r.expires_at > ops.now()

-- name: result_keep (text, text, text, jsonb, integer)
with gone as (
  delete from gaia.step_result as r
  where r.owner_id = (select ops.current_owner()) and r.expires_at <= ops.now() and r.key <> $1
)
insert into gaia.step_result as r (key, called, data_version, result, created_at, expires_at)
values ($1, $2, $3, $4, ops.now(), ops.now() + make_interval(secs => $5))
on conflict on constraint step_result_pk do update
  set data_version = excluded.data_version, result = excluded.result, created_at = excluded.created_at,
    expires_at = excluded.expires_at

-- name: pipeline_named (text)
select p.version, p.spec::text as spec
from gaia.pipeline as p
where p.owner_id = (select ops.current_owner()) and p.name = $1
order by p.version desc
limit 1

-- name: pipeline_lock (text)
select pg_advisory_xact_lock(hashtextextended(ops.current_owner() || '.gaia.pipeline.' || $1, 0))

-- name: pipeline_insert (text, integer, text, jsonb)
insert into gaia.pipeline (name, version, description, spec) values ($1, $2, $3, $4)

-- name: pipeline_delete (text)
with gone as (
  delete from gaia.pipeline as p where p.owner_id = (select ops.current_owner()) and p.name = $1 returning p.name
), routed as (
  delete from gaia.subroutine as s
  where s.owner_id = (select ops.current_owner()) and s.name = $1 and s.handler = 'gaia.run_pipeline'
  returning s.name
), examples as (
  delete from gaia.example as e using routed as r
  where e.owner_id = (select ops.current_owner()) and e.subroutine = r.name
)
select count(*)::integer as versions from gone

-- name: routed_replace (text, text, jsonb, text[])
with kept as (
  insert into gaia.subroutine as s (name, handler, description, input_schema, source)
  values ($1, 'gaia.run_pipeline', $2, $3, 'user')
  on conflict on constraint subroutine_name_uq do update
    set description = excluded.description, input_schema = excluded.input_schema
  returning s.name
), gone as (
  delete from gaia.example as e
  where e.owner_id = (select ops.current_owner()) and e.subroutine = $1 and e.text <> all ($4)
)
insert into gaia.example (subroutine, text, source)
select $1, t.text, 'user' from unnest($4) as t (text)
on conflict on constraint example_text_uq do nothing

-- name: routed_as (text)
select s.handler, s.owner_id = 'system' as is_builtin,
  (select count(*)::integer from gaia.example as e where e.owner_id = s.owner_id and e.subroutine = s.name) as examples
from gaia.subroutine as s
where s.name = $1 and s.owner_id in ((select ops.current_owner()), 'system')
