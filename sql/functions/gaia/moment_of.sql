create or replace function gaia.moment_of(p_item_id bigint, p_times bigint, p_order text)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_build_object(
  'data', jsonb_build_object(
    'date', (i.occurred_at at time zone z.zone)::date, 'at', i.occurred_at, 'until', i.ended_at,
    'whole_day', coalesce(i.precision = 'day', false), 'title', i.title, 'kind', i.kind, 'times', p_times, 'order', p_order
  ),
  'citations', jsonb_build_array(jsonb_build_object('item_id', i.id))
)
from lake.item as i
cross join lateral (
  -- A whole day is the same day everywhere.
  select case when i.precision = 'day' then 'UTC'
    else coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') end as zone
) as z
where i.owner_id = (select ops.current_owner()) and i.id = p_item_id;
$$;

comment on function gaia.moment_of(bigint, bigint, text) is
'When an item happened, as the result of the subroutine when; the date is the one in the owner''s time zone.';
