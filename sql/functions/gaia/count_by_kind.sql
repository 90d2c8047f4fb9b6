create or replace function gaia.count_by_kind(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with counted as (
  select m.kind, count(*) as number
  from gaia.matching_items(p_parameters || jsonb_build_object('kinds', array(
    select k.kind from gaia.held_kinds() as k (kind) where k.kind <> all ((select lake.secret_kinds())::text[])
  ))) as m
  group by m.kind
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'count', coalesce(sum(c.number), 0), 'by_kind', coalesce(jsonb_object_agg(c.kind, c.number), '{}'::jsonb)
  ),
  'citations', '[]'::jsonb
)
from counted as c;
$$;

comment on function gaia.count_by_kind(jsonb) is
'Counts the items of every kind that match, for a question that names no kind; data: count, by_kind. Secret kinds are
left out.';
