create or replace function gaia.people(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with kind as (
  -- With whom one was, the calendar knows; who is about something, the letters do.
  select k.kind
  from unnest(array['event', 'mail', 'message']) as k (kind)
  where k.kind = p_parameters ->> 'kind'
    or (p_parameters ->> 'kind' is null and (k.kind = 'event') = coalesce((p_parameters ->> 'present')::boolean, false))
), behind as materialized (
  select p.id, p.occurred_at, p.person collate "C" as person
  from kind as k
  cross join lateral gaia.matching_people(p_parameters || jsonb_build_object('kind', k.kind)) as p
), ranked as materialized (
  select b.person, count(*) as number
  from behind as b
  where b.person <> ''
  group by b.person
), first as materialized (
  select r.person, r.number, row_number() over (order by r.number desc, r.person) as rank
  from ranked as r
  order by r.number desc, r.person
  limit coalesce((p_parameters ->> 'k')::integer, 5)
), best as (
  -- Only what is told is put in order.
  select distinct on (f.rank) f.person, f.number, f.rank, b.id as newest
  from first as f
  join behind as b on b.person = f.person
  order by f.rank, b.occurred_at desc nulls last, b.id desc
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'kind', p_parameters ->> 'kind', 'present', coalesce((p_parameters ->> 'present')::boolean, false),
    'distinct', (select count(*) from ranked),
    'rows', coalesce(jsonb_agg(jsonb_build_object('value', b.person, 'count', b.number) order by b.rank), '[]'::jsonb)
  ),
  'citations', coalesce(jsonb_agg(jsonb_build_object('item_id', b.newest) order by b.rank), '[]'::jsonb)
)
from best as b;
$$;

comment on function gaia.people(jsonb) is
'Subroutine people: who wrote or was written to about something, or (p_parameters.present) who was there, by the
calendar. data: rows of value and count, distinct. Cites the newest item of each.';
