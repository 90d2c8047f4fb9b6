create or replace view api.items
with (security_invoker = true)
as
select
  i.id as item_id,
  i.owner_id,
  i.kind,
  i.occurred_at,
  l.at::date as local_date,
  date_part('hour', l.at)::integer as local_hour,
  date_part('isodow', l.at)::integer as local_weekday,
  i.ended_at,
  i.precision,
  i.title,
  i.body,
  i.url,
  i.language,
  i.source,
  i.external_id,
  i.import_id,
  i.attributes,
  i.created_at,
  i.edited_at,
  i.sensitivity,
  i.zone_source
from lake.item as i
cross join lateral (
  select
    -- A whole day is the same everywhere: it began at midnight in its own zone, up to 14 hours from the reader's.
    case when i.precision = 'day' then date_trunc('day', (i.occurred_at + interval '13 hours') at time zone 'UTC')
      else i.occurred_at at time zone (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC'))
    end as at
) as l
where i.kind not in (
  -- In a dataset alone; elsewhere nothing is secret from its owner.
  select s.kind
  from lake.sensitivities() as s
  where s.sensitivity = 'secret' and current_setting('datapunk.reading', true) = 'dataset'
);

comment on view api.items is
'Everything that was imported or appended, one row each. Datasets of forge_train find no secret kinds here; the view
of such a kind, as security_events, has them.';
comment on column api.items.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.items.owner_id is 'Whose item it is.';
comment on column api.items.kind is 'What it is: visit, search, watch, mail, event ...';
comment on column api.items.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.items.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.items.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.items.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.items.ended_at is 'When it ended, where known.';
comment on column api.items.precision is 'Precision of occurred_at: us, ms, s, min or day.';
comment on column api.items.title is 'One line for a person.';
comment on column api.items.body is 'Text, where it has any.';
comment on column api.items.url is 'Address, without tokens and passwords.';
comment on column api.items.language is 'Language of the text, where known.';
comment on column api.items.source is 'Where it comes from.';
comment on column api.items.external_id is 'Its identifier in its source, where it has one.';
comment on column api.items.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.items.attributes is 'What else its source says.';
comment on column api.items.created_at is 'When it was added.';
comment on column api.items.edited_at is 'When it was last edited, where its source says so.';
comment on column api.items.sensitivity is 'public, personal, private or secret, by kind: see sensitivities.';
comment on column api.items.zone_source is
'How its zone is known: utc, offset, abbr (its abbreviation), tzid, floating (the zone of the import), date (no hour),
assumed (UTC) or ambiguous (an abbreviation of several zones: import with the account''s zone).';
