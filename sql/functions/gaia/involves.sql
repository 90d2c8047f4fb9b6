create or replace function gaia.involves(p_attributes jsonb, p_persons text[], p_direction text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select coalesce(
  (p_direction is distinct from 'sent' and p_attributes ->> 'sender' = any (p_persons))
  or (p_direction is distinct from 'received' and p_attributes -> 'recipient_names' ?| p_persons)
  or p_attributes -> 'attendees' ?| p_persons, false
);
$$;

comment on function gaia.involves(jsonb, text[], text) is
'Whether an item with these attributes has one of these persons as sender (unless it is about what was sent), as
recipient (unless about what was received) or as guest.';
