create or replace view api.persons
with (security_invoker = true)
as
-- Grouped once and joined, not counted for each row that a query joins with: what it does not ask for is left out.
select
  p.id as person_id, p.name, coalesce(i.emails, '{}') as emails, coalesce(i.phones, '{}') as phones, i.identifiers,
  s.first_seen, s.last_seen, coalesce(s.messages, 0) as messages, coalesce(s.mails, 0) as mails,
  coalesce(s.events, 0) as events, coalesce(i.is_self, false) as is_self
from lake.person as p
left join (
  select
    k.owner_id, k.person_id, array_agg(k.value_norm order by k.value_norm) filter (where k.type = 'email') as emails,
    array_agg(k.value_norm order by k.value_norm) filter (where k.type = 'phone') as phones,
    array_agg(k.type || ':' || k.value_norm order by k.type, k.value_norm) as identifiers,
    bool_or(k.type = 'self') as is_self
  from lake.person_identifier as k
  group by k.owner_id, k.person_id
) as i on i.owner_id = p.owner_id and i.person_id = p.id
left join (
  select
    d.owner_id, d.person_id, min(t.occurred_at) as first_seen, max(t.occurred_at) as last_seen,
    count(*) filter (where t.kind = 'message') as messages, count(*) filter (where t.kind = 'mail') as mails,
    count(*) filter (where t.kind = 'event') as events
  from (
    select distinct k.owner_id, k.person_id, u.item_id
    from lake.person_identifier as k
    join lake.person_alias as a on a.owner_id = k.owner_id and a.identifier_id = k.id
    join lake.person_item as n on n.owner_id = a.owner_id and n.alias_id = a.id
    cross join lateral unnest(n.item_ids) as u (item_id)
    -- Items are looked up in the order in which they lie: two thirds of the time.
    order by u.item_id
  ) as d
  join lake.item as t on t.owner_id = d.owner_id and t.id = d.item_id
  group by d.owner_id, d.person_id
) as s on s.owner_id = p.owner_id and s.person_id = p.id;

comment on view api.persons is
'Who writes to you, is written to, meets you, or is in an address book; services that send mail are among them. What is
one person is decided by rules, which the view person_identifiers shows, and by lake_person_merge and lake_person_split.';
comment on column api.persons.person_id is 'Key of the person; the eldest one stays when persons turn out to be one.';
comment on column api.persons.name is
'The longest name on a card of an address book, else of mails and messages, else an address.';
comment on column api.persons.emails is 'Mail addresses, in lower case.';
comment on column api.persons.phones is 'Telephone numbers, digits only.';
comment on column api.persons.identifiers is 'All that they are known by, as type:value.';
comment on column api.persons.first_seen is 'When the first mail, message or event was that they have a part in.';
comment on column api.persons.last_seen is 'When the last one was.';
comment on column api.persons.messages is 'Chat messages that they wrote or got.';
comment on column api.persons.mails is 'Mails that they wrote or got.';
comment on column api.persons.events is 'Events that they were invited to.';
comment on column api.persons.is_self is 'Whether it is you, as exports say so.';
