create or replace function gaia.moment_of(p_item_id bigint, p_times bigint, p_order text)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_build_object(
  'data', jsonb_build_object(
    'date', (m.at at time zone m.zone)::date, 'days', (ops.now() at time zone m.own)::date - (m.at at time zone m.zone)::date,
    'last_date', ((m.until - interval '1 microsecond') at time zone m.zone)::date,
    'at', m.at, 'until', m.until, 'whole_day', m.whole_day, 'title', m.title, 'kind', m.kind, 'times', p_times,
    'order', p_order
  ),
  'citations', jsonb_build_array(jsonb_build_object('item_id', m.id))
)
from (
  -- A whole day begins at midnight of its calendar's zone; the nearest midnight in UTC has its date.
  select i.id, i.title, i.kind, i.precision = 'day' as whole_day,
    coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') as own,
    case when i.precision = 'day' then 'UTC'
      else coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') end as zone,
    case when i.precision = 'day' then date_trunc('day', i.occurred_at + interval '13 hours', 'UTC')
      else i.occurred_at end as at,
    case when i.precision = 'day' then date_trunc('day', i.ended_at + interval '13 hours', 'UTC')
      else i.ended_at end as until
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id = p_item_id
) as m;
$$;

comment on function gaia.moment_of(bigint, bigint, text) is
'When an item happened, as the result of the subroutine when: date and last_date are the days in the owner''s time
zone, days is how many days ago that was (negative for what is to come), until is not included. order tells which
one of times it is.';
