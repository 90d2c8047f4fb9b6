create or replace function lake.letters(p_items bigint[])
returns table (
  item_id bigint, source text, kind text, external_id text, title text, seen_at timestamptz
)
language sql
stable
security invoker
rows 10000
set search_path = pg_catalog, pg_temp
as $$
select l.id, l.source, l.kind, lake.short_key(l.external_id), l.title, l.seen_at
from (
  select i.id, i.source, case when i.kind = 'mail' then 'mail' else 'chat' end as kind,
    case when i.kind = 'mail' then lake.thread_of(i.attributes, i.external_id)
      else coalesce(
        nullif(i.attributes ->> 'conversation_id', ''), nullif(i.attributes ->> 'conversation', ''),
        nullif(i.attributes ->> 'thread_id', '')
      )
    end as external_id,
    case when i.kind = 'mail' then i.title else i.attributes ->> 'conversation' end as title,
    coalesce(i.occurred_at, '-infinity') as seen_at
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id = any (p_items) and i.kind in ('mail', 'message')
) as l
where l.external_id is not null
$$;

comment on function lake.letters(bigint[]) is
'The mails and messages among these items of the owner that say to which conversation they belong: a
mail by the number of its thread, else by the mail that began it (of References, else of In-Reply-To, else itself); a
message by its chat.';
