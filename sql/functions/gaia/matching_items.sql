create or replace function gaia.matching_items(p_parameters jsonb, p_told text default null)
returns table (
  id bigint, kind text, occurred_at timestamptz, label text, day date, seconds double precision, attributes jsonb
)
language plpgsql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- Each parameter is a variable, so that the plan of a call has only the conditions that its question sets, and makes no
-- column that nobody reads: of ten thousand items these took a third of the time.
declare
  v_zone constant text := coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC');
  v_kind constant text := p_parameters ->> 'kind';
  v_since constant timestamptz := (p_parameters ->> 'since')::timestamptz;
  v_until constant timestamptz := (p_parameters ->> 'until')::timestamptz;
  v_first_day constant date := (v_since at time zone v_zone)::date;
  v_end_day constant date := (v_until at time zone v_zone)::date;
  -- A whole day begins at midnight of its calendar's zone, up to 14 hours from the owner's.
  v_slack constant interval := case when v_kind not in ('event', 'task') then interval '0' else interval '14 hours' end;
  v_topic constant text := p_parameters ->> 'topic';
  v_direction constant text := p_parameters ->> 'direction';
  v_group constant text := p_parameters ->> 'group_by';
  v_from_hour constant integer := (p_parameters ->> 'from_hour')::integer;
  v_to_hour constant integer := (p_parameters ->> 'to_hour')::integer;
  v_size constant text := p_parameters ->> 'size';
  v_kinds constant text[] := gaia.names_in(p_parameters, 'kinds');
  v_channels constant text[] := gaia.names_in(p_parameters, 'channel');
  v_sites constant text[] := gaia.names_in(p_parameters, 'site');
  v_persons constant text[] := gaia.names_in(p_parameters, 'person');
  v_places constant text[] := gaia.names_in(p_parameters, 'place');
  v_no_channels constant text[] := gaia.names_in(p_parameters -> 'not', 'channel');
  v_no_sites constant text[] := gaia.names_in(p_parameters -> 'not', 'site');
  v_no_persons constant text[] := gaia.names_in(p_parameters -> 'not', 'person');
  v_weekdays constant integer[] := gaia.names_in(p_parameters, 'weekday')::integer[];
  v_about bigint[];
begin
  if v_topic is not null then
    v_about := array(select gaia.items_about(v_topic));
  end if;
  return query
    select
      i.id, i.kind, i.occurred_at,
      case v_group
        when 'channel' then i.attributes ->> 'channel'
        when 'sender' then i.attributes ->> 'sender'
        when 'site' then gaia.site_of(i.url)
        when 'query' then coalesce(i.attributes ->> 'query', i.title)
        when 'title' then i.title
        when 'place' then coalesce(
          i.attributes ->> 'location', i.attributes ->> 'name',
          -- The title of an entry without a place names none.
          case when i.kind <> 'event' then i.title end
        )
        when 'hour' then case when i.precision <> 'day' then to_char(i.occurred_at at time zone v_zone, 'HH24') end
        when 'weekday' then to_char(l.day, 'ID')
        when 'day' then to_char(l.day, 'YYYY-MM-DD')
        when 'week' then to_char(l.day, 'IYYY-"W"IW')
        when 'month' then to_char(l.day, 'YYYY-MM')
        when 'quarter' then to_char(l.day, 'YYYY-"Q"Q')
        when 'year' then to_char(l.day, 'YYYY')
      end,
      case when p_told = 'day' then l.day end,
      case when p_told = 'seconds' then extract(epoch from i.ended_at - i.occurred_at)::double precision end,
      case when p_told = 'attributes' then i.attributes end
    from lake.item as i
    cross join lateral (
      select (
        case when i.precision = 'day' then (i.occurred_at + interval '13 hours') at time zone 'UTC'
          else i.occurred_at at time zone v_zone end
      )::date as day
    ) as l
    where i.owner_id = (select ops.current_owner())
      -- Where no kind is named there is none: among all would be those that are secret.
      and (i.kind = v_kind or (v_kind is null and v_kinds is not null))
      and (v_kinds is null or i.kind = any (v_kinds))
      and (v_since is null or i.occurred_at >= v_since - v_slack)
      and (v_until is null or i.occurred_at < v_until + v_slack)
      and (v_since is null or case when i.precision = 'day' then l.day >= v_first_day else i.occurred_at >= v_since end)
      and (v_until is null or case when i.precision = 'day' then l.day < v_end_day else i.occurred_at < v_until end)
      and (v_weekdays is null or date_part('isodow', l.day)::integer = any (v_weekdays))
      and (v_from_hour is null or i.precision is distinct from 'day')
      and (v_from_hour is null or gaia.within_hours(i.occurred_at at time zone v_zone, v_from_hour, v_to_hour))
      and (v_topic is null or i.id = any (v_about))
      -- An hour of a meeting is long, and so is a text of a screen.
      and (v_size is null or (v_size = 'long') = case when i.kind = 'event' then i.ended_at - i.occurred_at >= interval '1 hour'
        else length(coalesce(i.body, '')) >= 1500 end)
      and (v_channels is null or i.attributes ->> 'channel' = any (v_channels))
      and (v_sites is null or gaia.site_of(i.url) = any (v_sites))
      and (v_places is null or coalesce(i.attributes ->> 'location', i.attributes ->> 'name') = any (v_places))
      and (v_persons is null or gaia.involves(i.attributes, v_persons, v_direction))
      and (v_no_channels is null or coalesce(i.attributes ->> 'channel', '') <> all (v_no_channels))
      and (v_no_sites is null or coalesce(gaia.site_of(i.url), '') <> all (v_no_sites))
      and (v_no_persons is null or not gaia.involves(i.attributes, v_no_persons, v_direction))
      and (
        v_direction is null or i.kind <> 'mail'
        or (i.attributes -> 'labels' ?| array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados'])
          = (v_direction = 'sent')
      );
end
$$;

comment on function gaia.matching_items(jsonb, text) is
'The items that a question is about. p_parameters: kind or kinds, since, until (exclusive), weekday (1 for Monday),
from_hour and to_hour, size (long or short), channel, site, place and person (arrays of names), not (an object of such
arrays), direction (sent or received, of mail), topic, and group_by (channel, sender, site, query, place, title, or hour,
weekday, day, week, month, quarter or year), which fills label. p_told names one more column that is wanted: day, in the
zone of the setting datapunk.timezone, seconds, how long it took, or attributes; the others are null.';
