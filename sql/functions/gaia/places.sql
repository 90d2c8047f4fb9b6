create or replace function gaia.places(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with labelled as materialized (
  select m.id, m.occurred_at, m.label
  from gaia.matching_items(
    p_parameters - 'kind' || '{"kinds": ["place_visit", "event"], "group_by": "place"}'::jsonb
  ) as m
  where m.label <> ''
), ranked as materialized (
  select l.label, count(*) as number, (array_agg(l.id order by l.occurred_at desc nulls last))[1] as newest
  from labelled as l
  group by l.label
), best as (
  select r.label, r.number, r.newest, row_number() over (order by r.number desc, r.label collate "C") as rank
  from ranked as r
  order by r.number desc, r.label collate "C"
  limit coalesce((p_parameters ->> 'k')::integer, 5)
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'distinct', (select count(*) from ranked), 'total', (select coalesce(sum(r.number), 0) from ranked as r),
    'rows', coalesce(jsonb_agg(jsonb_build_object('value', b.label, 'count', b.number) order by b.rank), '[]'::jsonb)
  ),
  'citations', coalesce(jsonb_agg(jsonb_build_object('item_id', b.newest) order by b.rank), '[]'::jsonb)
)
from best as b;
$$;

comment on function gaia.places(jsonb) is
'Subroutine places: where the owner was most often, by visits to places and by what the calendar says. data: rows of
value and count, total, distinct. Cites the newest item of each.';
