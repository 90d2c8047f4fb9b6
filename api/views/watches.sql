create or replace view api.watches
with (security_invoker = true)
as
select
  i.id as item_id,
  i.owner_id,
  i.occurred_at,
  l.at::date as local_date,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  i.title,
  i.url,
  i.attributes ->> 'video_id' as video_id,
  i.attributes ->> 'channel' as channel,
  i.attributes ->> 'channel_id' as channel_id,
  coalesce(i.attributes -> 'ad' = 'true', false) as is_ad,
  coalesce(i.attributes -> 'music' = 'true', false) as is_music,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'watch';

comment on view api.watches is
'Videos that you watched. What advertisements played by themselves has is_ad.';
comment on column api.watches.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.watches.owner_id is 'Whose item it is.';
comment on column api.watches.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.watches.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.watches.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.watches.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.watches.title is 'Title of the video.';
comment on column api.watches.url is 'Its address.';
comment on column api.watches.video_id is 'Its identifier at YouTube; null for removed ones.';
comment on column api.watches.channel is 'Name of the channel.';
comment on column api.watches.channel_id is 'Identifier of the channel, which outlives its name.';
comment on column api.watches.is_ad is 'Whether it came as an advertisement.';
comment on column api.watches.is_music is 'Whether it was played in YouTube Music.';
comment on column api.watches.source is 'Where it comes from.';
comment on column api.watches.external_id is 'Its identifier in its source, where it has one.';
comment on column api.watches.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.watches.attributes is 'What else its source says.';
