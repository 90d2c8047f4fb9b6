create or replace function gaia.involves(p_attributes jsonb, p_persons text[], p_direction text)
returns boolean
language sql
immutable
security invoker
-- Its names were looked up when it was made. Without a setting of its own it becomes part of the query that calls it:
-- called for each of ten thousand mails it took most of an answer's time.
begin atomic
  select coalesce(
    (p_direction is distinct from 'sent' and p_attributes ->> 'sender' = any(p_persons))
    or (p_direction is distinct from 'received' and p_attributes -> 'recipient_names' ?| p_persons)
    or p_attributes -> 'attendees' ?| p_persons, false
  );
end;

comment on function gaia.involves(jsonb, text[], text) is
'Whether an item with these attributes has one of these persons as sender (unless it is about what was sent), as
recipient (unless about what was received) or as guest.';
