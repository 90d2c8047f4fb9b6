create or replace view api.person_identifiers
with (security_invoker = true)
as
select
  i.type || ':' || i.value_norm as identifier, i.type, i.value_norm as value, i.person_id, p.name as person, n.names,
  i.rule, i.item_id as evidence_item_id
from lake.person_identifier as i
join lake.person as p on p.owner_id = i.owner_id and p.id = i.person_id
cross join lateral (
  select coalesce(array_agg(distinct a.name) filter (where a.name <> ''), '{}') as names
  from lake.person_alias as a
  where a.owner_id = i.owner_id and a.identifier_id = i.id
) as n;

comment on view api.person_identifiers is
'What persons are known by, and why it is theirs.';
comment on column api.person_identifiers.identifier is 'type:value, as lake_person_split takes it.';
comment on column api.person_identifiers.type is
'email, phone, chat (source:id), name (without any address), contact (a card, source:id) or self (you).';
comment on column api.person_identifiers.value is
'Address in lower case, digits of a number, source:id, name in lower case.';
comment on column api.person_identifiers.person_id is 'Whose it is.';
comment on column api.person_identifiers.person is 'Their name.';
comment on column api.person_identifiers.names is 'Names with which it is seen.';
comment on column api.person_identifiers.rule is
'correction (you said so), contact (on a card), name (called as one card alone is), self (your account), alone (nothing
joins it with another).';
comment on column api.person_identifiers.evidence_item_id is 'The card that says so, where one does.';
