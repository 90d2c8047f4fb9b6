create or replace view api.persons
with (security_invoker = true)
as
select
  p.id as person_id, p.name, i.emails, i.phones, i.identifiers, s.first_seen, s.last_seen, s.messages, s.mails,
  s.events, i.is_self
from lake.person as p
cross join lateral (
  select
    coalesce(array_agg(k.value_norm order by k.value_norm) filter (where k.type = 'email'), '{}') as emails,
    coalesce(array_agg(k.value_norm order by k.value_norm) filter (where k.type = 'phone'), '{}') as phones,
    array_agg(k.type || ':' || k.value_norm order by k.type, k.value_norm) as identifiers,
    coalesce(bool_or(k.type = 'self'), false) as is_self
  from lake.person_identifier as k
  where k.owner_id = p.owner_id and k.person_id = p.id
) as i
cross join lateral (
  select
    min(t.occurred_at) as first_seen, max(t.occurred_at) as last_seen,
    count(*) filter (where t.kind = 'message') as messages, count(*) filter (where t.kind = 'mail') as mails,
    count(*) filter (where t.kind = 'event') as events
  from (
    select distinct u.item_id
    from lake.person_identifier as k
    join lake.person_alias as a on a.owner_id = k.owner_id and a.identifier_id = k.id
    join lake.person_item as n on n.owner_id = a.owner_id and n.alias_id = a.id
    cross join lateral unnest(n.item_ids) as u (item_id)
    where k.owner_id = p.owner_id and k.person_id = p.id
  ) as d
  join lake.item as t on t.owner_id = p.owner_id and t.id = d.item_id
) as s;

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
