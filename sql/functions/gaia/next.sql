create or replace function gaia.next(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with ahead as materialized (
  select i.id, i.title, i.attributes ->> 'location' as place, i.precision = 'day' as whole_day,
    case when i.precision = 'day' then date_trunc('day', i.occurred_at + interval '13 hours', 'UTC')
      else i.occurred_at end as at,
    row_number() over (order by i.occurred_at, i.id) as rank
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind in ('event', 'task')
    and i.kind <> all ((select lake.secret_kinds())::text[])
    and i.occurred_at > ops.now()
    and i.attributes ->> 'status' is distinct from 'cancelled'
    and (p_parameters ->> 'since' is null or i.occurred_at >= (p_parameters ->> 'since')::timestamptz)
    and (p_parameters ->> 'until' is null or i.occurred_at < (p_parameters ->> 'until')::timestamptz)
  order by i.occurred_at, i.id
  limit coalesce((p_parameters ->> 'k')::integer, 3)
), zone as (
  select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') as name
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'date', (
      select (a.at at time zone case when a.whole_day then 'UTC' else z.name end)::date
      from ahead as a
      cross join zone as z
      where a.rank = 1
    ),
    'title', (select a.title from ahead as a where a.rank = 1),
    'rows', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'item_id', a.id, 'title', a.title, 'at', a.at, 'whole_day', coalesce(a.whole_day, false), 'place', a.place
      )) order by a.rank), '[]'::jsonb)
      from ahead as a
    )
  ),
  'citations', (
    select coalesce(jsonb_agg(jsonb_build_object('item_id', a.id) order by a.rank), '[]'::jsonb) from ahead as a
  )
);
$$;

comment on function gaia.next(jsonb) is
'Subroutine next: what comes next in calendar and tasks, from now on. data: date and title of the first, rows of
item_id, title, at, whole_day and place. Cites them. Secret kinds and what was cancelled are left out.';
