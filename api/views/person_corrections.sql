create or replace view api.person_corrections
with (security_invoker = true)
as
select
  c.type || ':' || c.value_norm as identifier, c.group_id, c.apart, c.created_at, i.person_id
from lake.person_correction as c
left join lake.person_identifier as i
  on i.owner_id = c.owner_id and i.type = c.type and i.value_norm = c.value_norm;

comment on view api.person_corrections is
'What you said about persons by lake_person_merge and lake_person_split; it overrules all rules and stays when
items go.';
comment on column api.person_corrections.identifier is 'type:value, as in person_identifiers.';
comment on column api.person_corrections.group_id is 'Identifiers of one group are one person.';
comment on column api.person_corrections.apart is 'Whether you split it off: no rule joins it with others any more.';
comment on column api.person_corrections.created_at is 'When you said so.';
comment on column api.person_corrections.person_id is 'Whose it is; null while no item knows it.';
