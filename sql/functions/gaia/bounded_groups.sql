create or replace function gaia.bounded_groups(p_parameters jsonb)
returns table (label text, items bigint)
language sql
stable
security invoker
rows 100
set search_path = pg_catalog, pg_temp
as $$
select g.label, g.items
from (
  select l.label, count(*) as items
  from gaia.matching_items(
    p_parameters || case when p_parameters ->> 'measure' = 'days' then '{"group_by": "day"}'::jsonb else '{}'::jsonb end
  ) as l
  where l.label <> ''
  group by l.label
) as g
where g.items >= coalesce((p_parameters ->> 'at_least')::integer, 1)
  and (p_parameters ->> 'at_most' is null or g.items <= (p_parameters ->> 'at_most')::integer);
$$;

comment on function gaia.bounded_groups(jsonb) is
'The channels, sites, titles ... (p_parameters.group_by) or days (measure days) that have at_least and at_most so many
items, each with their number. p_parameters as for gaia.matching_items.';
