-- name: passages (text, text, integer, text[], timestamptz, timestamptz, text)
-- Looked up one by one: the planner takes the function for a thousand rows and would read whole tables for them.
select s.item_id, s.kind, s.title, s.body, s.occurred_at, i.sender, i.thread, i.people, i.is_bulk, e.similarity
from cortex.search(
  $1, $2, $3, 2 * $3, false,
  -- Kinds that the question does not name are searched unless they are secret.
  case when $4 is not null then
    array(select k.kind from unnest($4) as k (kind) where k.kind = $7 or k.kind <> all ((select lake.secret_kinds())::text[]))
  end,
  null, $5, $6, null
) as s
cross join lateral (
  select i.attributes ->> 'sender' as sender, i.attributes ->> 'thread_id' as thread,
    concat_ws(
      ', ', i.attributes ->> 'sender', i.attributes ->> 'recipient_names', i.attributes ->> 'attendees',
      i.attributes ->> 'channel'
    ) as people,
    coalesce(i.attributes -> 'labels' ?| array['Category Promotions', 'Category Forums'], false) as is_bulk
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id = s.item_id
    and not coalesce(i.attributes -> 'labels' ?| array['Spam', 'Trash'], false)
  limit 1
) as i
left join lateral (
  select -(e.embedding operator(public.<#>) (select $2::public.halfvec)) as similarity
  from cortex.embedding as e
  where e.owner_id = (select ops.current_owner()) and e.text_id = s.text_id
    and e.generation_id = (select g.id from cortex.generation as g where g.state = 'active')
  limit 1
) as e on true
order by s.score desc

-- name: context_passages (text, jsonb)
select c.context, c.citations::text as citations from api.cortex_context($1, $2) as c

-- name: cited_items (bigint[])
select i.id, i.kind, i.source, i.title, i.url,
  to_char(
    case when i.precision = 'day' then date_trunc('day', i.occurred_at + interval '13 hours', 'UTC') else i.occurred_at end
      at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS+00:00'
  ) as occurred_at,
  coalesce(i.precision = 'day', false) as whole_day
from lake.item as i
where i.owner_id = (select ops.current_owner()) and i.id = any ($1)

-- name: texts_to_sum_up (jsonb, integer)
with found as materialized (
  select m.id, m.occurred_at
  from gaia.matching_items($1 || jsonb_build_object('kinds', array(
    select k.kind
    from unnest(array['mail', 'message', 'note', 'document', 'highlight']) as k (kind)
    where $1 ->> 'kind' is not null or k.kind <> all (lake.secret_kinds())
  ))) as m
)
select i.id, i.kind, i.title, left(i.body, 6000) as body, i.occurred_at::text as at,
  (select count(*) from found)::integer as total
from (select f.id from found as f order by f.occurred_at desc nulls last, f.id desc limit $2) as f
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = f.id

-- name: conversation_language (uuid)
select (
  select a.language from gaia.answer as a
  where a.owner_id = c.owner_id and a.conversation_id = c.id
  order by a.created_at desc
  limit 1
) as language
from gaia.conversation as c
where c.owner_id = (select ops.current_owner()) and c.id = $1

-- name: turn_before (uuid)
select coalesce(a.plan ->> 'subroutine', a.route) as route, coalesce(a.plan -> 'parameters', '{}'::jsonb)::text as parameters,
  a.data::text as data
from gaia.answer as a
where a.owner_id = (select ops.current_owner()) and a.conversation_id = $1 and a.route not in ('none', 'explain')
order by a.created_at desc
limit 1

-- name: turns_before (uuid)
select
  (
    select s.text
    from gaia.conversation_summary as s
    where s.owner_id = (select ops.current_owner()) and s.conversation_id = $1
  ) as summary,
  (
    select coalesce(jsonb_agg(jsonb_build_object('question', t.question, 'answer', t.answer) order by t.created_at), '[]')
    from (
      select a.question, a.answer, a.created_at
      from gaia.answer as a
      where a.owner_id = (select ops.current_owner()) and a.conversation_id = $1
      order by a.created_at desc
      limit 4
    ) as t
  )::text as turns

-- name: notes_kept ()
select n.text from gaia.note as n where n.owner_id = (select ops.current_owner()) order by n.id desc limit 500

-- name: answer_insert (uuid, text, text, text, real, jsonb, jsonb, jsonb, jsonb, real, jsonb, jsonb, text)
with conversation as (
  insert into gaia.conversation (title)
  select left($2, 200) where $1 is null
  returning id
), answer as (
  insert into gaia.answer (
    conversation_id, question, answer, route, confidence, data, plan, options, models, latency_ms, spans, language
  )
  select coalesce($1, (select c.id from conversation as c)), $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13
  returning id, conversation_id
), cited as (
  insert into gaia.citation (answer_id, ordinal, item_id, snippet)
  select a.id, c.ordinal, c.item_id, c.snippet
  from answer as a
  cross join jsonb_to_recordset($11) as c (ordinal integer, item_id bigint, snippet text)
)
select a.id as answer_id, a.conversation_id from answer as a

-- name: answer_by_id (uuid)
select a.question, a.options, a.answer, a.route, a.data, a.language, a.plan
from gaia.answer as a
where a.owner_id = (select ops.current_owner()) and a.id = $1

-- name: enqueue_task (text, jsonb)
select gaia.enqueue_task($1, $2) as id
