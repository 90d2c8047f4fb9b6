create or replace function lake.resolve_conversations(p_items bigint[])
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
with letter as materialized (
  select
    l.item_id, l.source, l.kind, l.external_id collate "C" as external_id, l.title collate "C" as title, l.seen_at
  from lake.letters(p_items) as l
), latest as (
  select distinct on (l.source, l.kind, l.external_id) l.*
  from letter as l
  order by l.source, l.kind, l.external_id, l.title is not null desc, l.seen_at desc, l.title desc
), written as (
  insert into lake.conversation as c (owner_id, source, external_id, kind, title, seen_at)
  select (select ops.current_owner()), l.source, l.external_id, l.kind, l.title, l.seen_at
  from latest as l
  on conflict on constraint conversation_external_uq do update
    -- Whichever message comes first, the latest with a title gives it.
    set (title, seen_at) = (
      select b.title, b.seen_at
      from (values (c.title, c.seen_at), (excluded.title, excluded.seen_at)) as b (title, seen_at)
      order by b.title is not null desc, b.seen_at desc, b.title collate "C" desc
      limit 1
    )
  returning c.id, c.source, c.kind, c.external_id
)
insert into lake.conversation_item (owner_id, conversation_id, first_item, item_ids)
select (select ops.current_owner()), w.id, min(l.item_id), array_agg(l.item_id order by l.item_id)
from letter as l
join written as w on w.source = l.source and w.kind = l.kind and w.external_id = l.external_id
group by w.id
$$;

comment on function lake.resolve_conversations(bigint[]) is
'Takes in the conversations of the mails and messages among these items of the owner, none of which was taken in
before.';
