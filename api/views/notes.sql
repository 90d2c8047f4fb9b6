create or replace view api.notes
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
  i.body,
  case when jsonb_typeof(i.attributes -> 'labels') = 'array'
    then array(select jsonb_array_elements_text(i.attributes -> 'labels')) end as labels,
  coalesce(i.attributes -> 'archived' = 'true', false) as archived,
  coalesce(i.attributes -> 'trashed' = 'true', false) as trashed,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes,
  i.edited_at,
  (
    -- In several lists at once it is there while one of them has it.
    select case when bool_and(s.closed_at is not null) then max(s.closed_at) end
    from lake.listed as s
    where s.owner_id = i.owner_id and s.item_id = i.id
  ) as closed_at
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind = 'note';

comment on view api.notes is
'Notes that you wrote.';
comment on column api.notes.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.notes.owner_id is 'Whose item it is.';
comment on column api.notes.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.notes.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.notes.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.notes.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.notes.title is 'Title or first line.';
comment on column api.notes.body is 'Text.';
comment on column api.notes.labels is 'Labels.';
comment on column api.notes.archived is 'Whether it was put away.';
comment on column api.notes.trashed is 'Whether it was thrown away.';
comment on column api.notes.source is 'Where it comes from.';
comment on column api.notes.external_id is 'Its identifier in its source, where it has one.';
comment on column api.notes.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.notes.attributes is 'What else its source says.';
comment on column api.notes.edited_at is 'When it was last edited, where its source says so.';
comment on column api.notes.closed_at is
'Since when it is gone from its source: the first whole list (as an address book) that lacks it, of a later export; null
while it is there.';
