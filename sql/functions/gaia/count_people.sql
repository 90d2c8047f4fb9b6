create or replace function gaia.count_people(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with matching as materialized (
  select p.id, p.occurred_at, p.person from gaia.matching_people(p_parameters) as p
), bounded as (
  select m.person, count(*) as items
  from matching as m
  group by m.person
  having count(*) >= coalesce((p_parameters ->> 'at_least')::integer, 1)
    and (p_parameters ->> 'at_most' is null or count(*) <= (p_parameters ->> 'at_most')::integer)
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'measure', 'distinct', 'group_by', 'person', 'kind', p_parameters ->> 'kind',
    'count', (select count(*) from bounded),
    'items', case when p_parameters ?| array['at_least', 'at_most'] then (select coalesce(sum(b.items), 0) from bounded as b)
      else count(distinct m.id) end,
    'first', min(m.occurred_at), 'last', max(m.occurred_at)
  ),
  'citations', '[]'::jsonb
)
from matching as m;
$$;

comment on function gaia.count_people(jsonb) is
'How many different people the items that match are of, without the owner; data as of gaia.count.';
