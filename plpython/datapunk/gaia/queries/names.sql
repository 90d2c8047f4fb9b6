-- name: name_state ()
select
  coalesce((select max(i.id) from lake.item as i where i.owner_id = (select ops.current_owner())), 0) as newest_item,
  coalesce((select s.item_id from gaia.name_state as s where s.owner_id = (select ops.current_owner())), 0) as named_item

-- name: name_span (bigint, bigint)
select max(s.id) as last
from (
  select i.id
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id > $1
  order by i.id
  limit $2
) as s;

-- name: new_names (bigint, bigint)
with item as (
  select i.kind, i.url, i.attributes
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id > $1 and i.id <= $2
    and i.kind in ('watch', 'visit', 'mail', 'message', 'event')
), found as materialized (
  select 'channel' as field, i.attributes ->> 'channel' as value from item as i where i.kind = 'watch'
  union
  select 'site', split_part(translate(split_part(i.url, '://', 2), ':?#', '///'), '/', 1)
  from item as i where i.kind = 'visit'
  union
  select 'person', i.attributes ->> 'sender' from item as i where i.kind in ('mail', 'message')
  union
  select 'self', i.attributes ->> 'sender' from item as i
  where i.kind = 'mail' and i.attributes -> 'labels' ?| array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados']
  union
  select 'place', i.attributes ->> 'location' from item as i where i.kind = 'event'
  union
  select 'person', n.name
  from item as i
  cross join lateral (
    select jsonb_array_elements_text(i.attributes -> 'recipient_names') as name
    where jsonb_typeof(i.attributes -> 'recipient_names') = 'array'
    union all
    select jsonb_array_elements_text(i.attributes -> 'attendees')
    where jsonb_typeof(i.attributes -> 'attendees') = 'array'
  ) as n
  where i.kind in ('mail', 'message', 'event')
)
select f.field, f.value from found as f where f.value is not null and length(f.value) between 1 and 200

-- name: names_insert (text[], text[], text[], bigint)
with state as (
  insert into gaia.name_state as s (item_id) values ($4)
  on conflict on constraint name_state_pk do update set item_id = greatest(s.item_id, excluded.item_id)
)
insert into gaia.name (owner_id, token, field, value)
select (select ops.current_owner()), t.token, t.field, t.value
from unnest($1, $2, $3) as t (token, field, value)
on conflict on constraint name_pk do nothing

-- name: names_of (text[])
-- Read by a subquery, a parameter does not tempt the planner to plan anew for each value.
select distinct n.field, n.value
from gaia.name as n
where n.owner_id = (select ops.current_owner()) and n.token = any ((select $1)::text[])
limit 500

-- name: names_near (text[])
select distinct n.token, n.field, n.value
from gaia.name as n
where n.owner_id = (select ops.current_owner()) and left(n.token, 1) = any ($1) and n.field <> 'self'
  and length(n.token) > 3
limit 20000

-- name: word_frequencies (text[])
with language as materialized (
  select distinct coalesce(l.configuration, 'simple')::regconfig as configuration
  from cortex.corpus_delta as d
  left join cortex.language as l on l.code = d.language
  where d.owner_id = (select ops.current_owner())
), term as materialized (
  select distinct w.word, u.lexeme
  from unnest((select $1)) as w (word)
  cross join language as l
  cross join lateral unnest(to_tsvector(l.configuration, translate(w.word, './-@+', '     '))) as u
)
select w.word,
  coalesce((
    select max(f.found)
    from (
      select sum(p.texts) as found
      from cortex.posting as p
      where p.owner_id = (select ops.current_owner())
        and p.term = any (array(select t.lexeme from term as t where t.word = w.word))
      group by p.term
    ) as f
  ), 0)::integer as found,
  (
    select coalesce(sum(d.texts), 0) from cortex.corpus_delta as d where d.owner_id = (select ops.current_owner())
  )::integer as texts
from unnest((select $1)) as w (word)

-- name: birthday (text)
-- Of the owner where $1 is null, else of whom it names: as a contact has it, or the calendar.
with wanted as (
  select n.value as name
  from gaia.name as n
  where $1 is null and n.owner_id = (select ops.current_owner()) and n.token = '' and n.field = 'self'
), dated as (
  select i.id, i.title as name, i.attributes ->> 'birthday' as birthday, 1 as rank
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind = 'contact' and i.attributes ->> 'birthday' is not null
    and i.kind <> all ((select lake.secret_kinds())::text[])
    and (lower(i.title) in (select lower(w.name) from wanted as w) or position(lower($1) in lower(i.title)) > 0)
  union all
  select i.id, i.title, to_char((i.occurred_at + interval '13 hours') at time zone 'UTC', 'YYYY-MM-DD'), 2
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind = 'event' and i.precision = 'day'
    and i.kind <> all ((select lake.secret_kinds())::text[])
    and lower(i.title) ~ 'birthday|geburtstag|anniversaire|cumplea[nñ]os'
    and (
      lower(i.title) in (select lower(w.name) || '''s birthday' from wanted as w)
      or ($1 is null and lower(i.title) in ('my birthday', 'birthday')) or position(lower($1) in lower(i.title)) > 0
    )
)
select d.id, d.name, d.birthday, d.rank = 1 as written from dated as d order by d.rank, length(d.name), d.birthday desc limit 1

-- name: anchor_event (text, text[])
select e.title, e.first_day::text as first_day,
  greatest(e.first_day + 1, (e.until - interval '1 microsecond')::date + 1)::text as end_day
from (
  select i.title, i.precision = 'day' as whole_day, i.occurred_at,
    (case when i.precision = 'day' then (i.occurred_at + interval '13 hours') at time zone 'UTC'
      else i.occurred_at at time zone z.name end)::date as first_day,
    coalesce(
      case when i.precision = 'day' then date_trunc('day', (i.ended_at + interval '13 hours') at time zone 'UTC')
        else i.ended_at at time zone z.name end, i.occurred_at at time zone z.name
    ) as until
  from (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') as name) as z
  join lake.item as i on i.owner_id = (select ops.current_owner())
  where i.kind = 'event' and i.kind <> all ((select lake.secret_kinds())::text[])
    and i.id = any (array(select gaia.items_about($1)))
) as e
order by e.occurred_at > (select ops.now()), not coalesce(e.whole_day, false),
  (select count(*) from unnest($2) as w (word) where position(left(w.word, 4) in lower(e.title)) > 0) desc,
  length(e.title), e.occurred_at desc
limit 1
