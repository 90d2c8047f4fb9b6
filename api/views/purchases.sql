create or replace view api.purchases
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
  i.attributes ->> 'merchant' as merchant,
  case when jsonb_typeof(i.attributes -> 'amount') = 'number' then (i.attributes ->> 'amount')::numeric end as amount,
  i.attributes ->> 'currency' as currency,
  i.url,
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
where i.kind = 'purchase';

comment on view api.purchases is
'What you bought.';
comment on column api.purchases.item_id is 'Key of the item, as in the results of search and in citations.';
comment on column api.purchases.owner_id is 'Whose item it is.';
comment on column api.purchases.occurred_at is 'When it happened or began; null when its source does not say.';
comment on column api.purchases.local_date is
'Day of occurred_at in the zone of the setting datapunk.timezone; of a whole day, as in a calendar, that day.';
comment on column api.purchases.local_hour is 'Hour of the day there, 0 to 23.';
comment on column api.purchases.local_weekday is 'Day of the week there, 1 for Monday to 7 for Sunday.';
comment on column api.purchases.title is 'What it was.';
comment on column api.purchases.merchant is 'Who sold it.';
comment on column api.purchases.amount is 'Price.';
comment on column api.purchases.currency is 'ISO 4217 code of the price.';
comment on column api.purchases.url is 'Address.';
comment on column api.purchases.source is 'Where it comes from.';
comment on column api.purchases.external_id is 'Its identifier in its source, where it has one.';
comment on column api.purchases.import_id is 'Run that added it, as in imports; null for a live record.';
comment on column api.purchases.attributes is 'What else its source says.';
