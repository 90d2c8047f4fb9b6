create or replace function lake.thread_of(p_attributes jsonb, p_external_id text)
returns text
language sql
immutable
parallel safe
security invoker
-- As gaia.site_of, it becomes part of the query that calls it.
begin atomic
  select coalesce(
    nullif(p_attributes ->> 'thread_id', ''), nullif(p_attributes ->> 'thread_root', ''),
    substring(p_attributes ->> 'in_reply_to' from '<\s*([^<>\s]+)\s*>'), p_external_id
  );
end;

comment on function lake.thread_of(jsonb, text) is
'The thread of a mail, by its attributes and its own identifier: the number that its source gave it, as Gmail does, else
the mail that began it by References, else the one that it answers by In-Reply-To, else itself.';
