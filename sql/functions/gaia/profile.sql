create or replace function gaia.profile(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with counted as materialized (
  select i.kind, count(*) as number, min(i.occurred_at) as first, max(i.occurred_at) filter (
    where i.occurred_at <= (select ops.now())
  ) as last
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind <> all ((select lake.secret_kinds())::text[])
  group by i.kind
), best as (
  select b.name, gaia.top(p_parameters || jsonb_build_object('kind', b.kind, 'group_by', b.group_by, 'k', 3)) -> 'data'
    -> 'rows' as rows
  from (
    values ('channels', 'watch', 'channel'), ('sites', 'visit', 'site'), ('searches', 'search', 'query'),
      ('people', 'mail', 'person')
  ) as b (name, kind, group_by)
  where exists (select from counted as c where c.kind = b.kind)
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'count', (select coalesce(sum(c.number), 0) from counted as c),
    'by_kind', (select coalesce(jsonb_object_agg(c.kind, c.number), '{}'::jsonb) from counted as c),
    'first', (select min(c.first) from counted as c), 'last', (select max(c.last) from counted as c),
    'most', (select coalesce(jsonb_object_agg(b.name, b.rows), '{}'::jsonb) from best as b)
  ),
  'citations', '[]'::jsonb
);
$$;

comment on function gaia.profile(jsonb) is
'Subroutine profile: what there is about the owner. data: count, by_kind, first and last time, and most (the three
most frequent channels, sites, searches and people, as rows of value and count). Secret kinds are left out.';
