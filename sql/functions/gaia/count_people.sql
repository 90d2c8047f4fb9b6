create or replace function gaia.count_people(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_build_object(
  'data', jsonb_build_object(
    'measure', 'distinct', 'group_by', 'person', 'kind', p_parameters ->> 'kind', 'count', count(distinct p.person),
    'items', count(distinct p.id), 'first', min(p.occurred_at), 'last', max(p.occurred_at)
  ),
  'citations', '[]'::jsonb
)
from gaia.matching_people(p_parameters) as p;
$$;

comment on function gaia.count_people(jsonb) is
'How many different people the items that match are of, without the owner; data as of gaia.count.';
