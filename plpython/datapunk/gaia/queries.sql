-- name: context ()
select
  ops.current_owner() as owner,
  to_char(ops.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS+00:00') as now,
  coalesce(cortex.held_model(), 'all-MiniLM-L6-v2') as model,
  coalesce((select max(i.id) from lake.item as i where i.owner_id = (select ops.current_owner())), 0) as newest_item,
  coalesce((select s.item_id from gaia.name_state as s where s.owner_id = (select ops.current_owner())), 0) as named_item,
  (
    select r.embedder
    from gaia.router as r
    join forge.version as v on v.owner_id = r.owner_id and v.id = r.version_id
    where r.owner_id = (select ops.current_owner()) and r.embedder is not null
    limit 1
  ) as router_embedder

-- name: route (text, text, text, text[], text)
-- A text is read as a vector once where a subquery reads it, else for every row.
with wanted as (
  select
    count(*) || ':' || coalesce(max(e.id), 0) as fingerprint, bool_or(e.owner_id = $1) as own
  from gaia.example as e
  where e.owner_id in ($1, 'system')
), chosen as materialized (
  select w.fingerprint, case
    when exists (select from gaia.router as o where o.owner_id = $1 and o.model = $2 and o.fingerprint = w.fingerprint) then $1
    when w.own then $1
    else 'system'
  end as owner_id
  from wanted as w
), worded as materialized (
  select public.sum(t.weights)::text as wording, sum(t.idf * t.idf) as squares
  from gaia.router_term as t
  where t.owner_id = (select c.owner_id from chosen as c) and t.model = $2 and t.term = any ($4)
)
select r.subroutine, r.ordinal, r.threshold, r.floor, r.version_id is distinct from f.version_id as is_old, r.fingerprint, w.fingerprint as wanted, s.handler, l.wording, l.squares, coalesce(r.embedder, $2) as embedder,
  case when coalesce(r.embedder, $2) = $5 then r.bias - (r.weights operator(public.<#>) (select $3::public.vector)) else 0 end as score,
  case when coalesce(r.embedder, $2) = $5 then -(r.direction operator(public.<#>) (select $3::public.vector)) end as nearness
from chosen as w
cross join worded as l
left join lateral (
  select d.version_id
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
  where m.owner_id = $1 and m.recipe = 'router'
  order by d.deployed_at desc
  limit 1
) as f on true
join gaia.router as r on r.model = $2 and r.owner_id = w.owner_id
left join lateral (
  -- A function that is not there, or is another kind of function by now, is no handler.
  select s.handler
  from (
    select s.owner_id,
      quote_ident(split_part(s.handler, '.', 1)) || '.' || quote_ident(split_part(s.handler, '.', 2)) as handler
    from gaia.subroutine as s
    where s.name = r.subroutine and s.owner_id in ($1, 'system')
  ) as s
  where pg_get_function_result(to_regprocedure(s.handler || '(jsonb)')) = 'jsonb'
  order by s.owner_id = 'system'
  limit 1
) as s on true

-- name: examples (text[])
select e.subroutine, e.text, e.language
from gaia.example as e
where e.owner_id = any ($1)
order by e.owner_id, e.id

-- name: examples_of (text[], text[], bigint)
select e.subroutine, e.text, e.language
from (
  select e.subroutine, e.text, e.language, e.id, row_number() over (partition by e.subroutine order by e.id desc) as place
  from gaia.example as e
  where e.owner_id = any ($1) and e.subroutine = any ($2)
) as e
where e.place <= $3
order by e.id

-- name: example_vectors (text[], text, text[])
select distinct on (v.text) v.text, v.embedding::text as embedding
from gaia.example_vector as v
where v.owner_id = any ($1) and v.model = $2 and v.text = any ($3)
order by v.text

-- name: example_vectors_insert (text, text, text[], text[])
insert into gaia.example_vector (owner_id, model, text, embedding)
select $1, $2, t.text, t.vector::public.halfvec
from unnest($3, $4) as t (text, vector)
on conflict on constraint example_vector_pk do nothing

-- name: router_replace (text, text, text[], text[], double precision[], text[], text[], bigint, double precision, double precision, text)
with gone as (
  delete from gaia.router as r where r.owner_id = $1 and r.model = $2 and r.subroutine <> all ($3)
)
insert into gaia.router as r (
  owner_id, model, subroutine, ordinal, weights, bias, direction, fingerprint, fitted_at, version_id, threshold, floor,
  embedder
)
select $1, $2, t.subroutine, t.ordinal - 1, t.weights::public.vector, t.bias, t.direction::public.vector,
  (select count(*) || ':' || coalesce(max(e.id), 0) from gaia.example as e where e.owner_id = any ($7)), now(),
  $8, $9, $10, $11
from unnest($3, $4, $5, $6) with ordinality as t (subroutine, weights, bias, direction, ordinal)
on conflict on constraint router_pk do update
  set ordinal = excluded.ordinal, weights = excluded.weights, bias = excluded.bias, direction = excluded.direction,
    fingerprint = excluded.fingerprint, fitted_at = excluded.fitted_at, version_id = excluded.version_id,
    threshold = excluded.threshold, floor = excluded.floor, embedder = excluded.embedder

-- name: router_terms_replace (text, text, text[], double precision[], text[])
with gone as (
  delete from gaia.router_term as r where r.owner_id = $1 and r.model = $2 and r.term <> all ($3)
)
insert into gaia.router_term as r (owner_id, model, term, idf, weights)
select $1, $2, t.term, t.idf, t.weights::public.vector
from unnest($3, $4, $5) as t (term, idf, weights)
on conflict on constraint router_term_pk do update set idf = excluded.idf, weights = excluded.weights

-- name: name_state ()
select
  coalesce((select max(i.id) from lake.item as i where i.owner_id = (select ops.current_owner())), 0) as newest_item,
  coalesce((select s.item_id from gaia.name_state as s where s.owner_id = (select ops.current_owner())), 0) as named_item

-- name: name_span (bigint, bigint)
select max(s.id) as last
from (
  select i.id
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id > $1
  order by i.id
  limit $2
) as s;

-- name: new_names (bigint, bigint)
with item as (
  select i.kind, i.url, i.attributes
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.id > $1 and i.id <= $2
    and i.kind in ('watch', 'visit', 'mail', 'message', 'event')
), found as materialized (
  select 'channel' as field, i.attributes ->> 'channel' as value from item as i where i.kind = 'watch'
  union
  select 'site', split_part(translate(split_part(i.url, '://', 2), ':?#', '///'), '/', 1)
  from item as i where i.kind = 'visit'
  union
  select 'person', i.attributes ->> 'sender' from item as i where i.kind in ('mail', 'message')
  union
  select 'self', i.attributes ->> 'sender' from item as i
  where i.kind = 'mail' and i.attributes -> 'labels' ?| array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados']
  union
  select 'place', i.attributes ->> 'location' from item as i where i.kind = 'event'
  union
  select 'person', n.name
  from item as i
  cross join lateral (
    select jsonb_array_elements_text(i.attributes -> 'recipient_names') as name
    where jsonb_typeof(i.attributes -> 'recipient_names') = 'array'
    union all
    select jsonb_array_elements_text(i.attributes -> 'attendees')
    where jsonb_typeof(i.attributes -> 'attendees') = 'array'
  ) as n
  where i.kind in ('mail', 'message', 'event')
)
select f.field, f.value from found as f where f.value is not null and length(f.value) between 1 and 200

-- name: names_insert (text[], text[], text[], bigint)
with state as (
  insert into gaia.name_state as s (item_id) values ($4)
  on conflict on constraint name_state_pk do update set item_id = greatest(s.item_id, excluded.item_id)
)
insert into gaia.name (owner_id, token, field, value)
select (select ops.current_owner()), t.token, t.field, t.value
from unnest($1, $2, $3) as t (token, field, value)
on conflict on constraint name_pk do nothing

-- name: names_of (text[])
select distinct n.field, n.value
from gaia.name as n
where n.owner_id = (select ops.current_owner()) and n.token = any ($1)
limit 500

-- name: word_frequencies (text[])
with language as materialized (
  select distinct coalesce(l.configuration, 'simple')::regconfig as configuration
  from cortex.corpus_delta as d
  left join cortex.language as l on l.code = d.language
  where d.owner_id = (select ops.current_owner())
), term as materialized (
  select distinct w.word, u.lexeme
  from unnest($1) as w (word)
  cross join language as l
  cross join lateral unnest(to_tsvector(l.configuration, translate(w.word, './-@+', '     '))) as u
)
select w.word,
  coalesce((
    select max(f.found)
    from (
      select sum(p.texts) as found
      from cortex.posting as p
      where p.owner_id = (select ops.current_owner())
        and p.term = any (array(select t.lexeme from term as t where t.word = w.word))
      group by p.term
    ) as f
  ), 0)::integer as found,
  (
    select coalesce(sum(d.texts), 0) from cortex.corpus_delta as d where d.owner_id = (select ops.current_owner())
  )::integer as texts
from unnest($1) as w (word)

-- name: passages (text, text, integer, text[], timestamptz, timestamptz, text)
-- Looked up one by one: the planner takes the function for a thousand rows and would read whole tables for them.
select s.item_id, s.kind, s.title, s.body, i.sender, i.thread, i.people, i.is_bulk, e.similarity
from cortex.search(
  $1, $2, $3, 2 * $3, false,
  -- Kinds that the question does not name are searched unless they are secret.
  case when $4 is not null then
    array(select k.kind from unnest($4) as k (kind) where k.kind = $7 or k.kind <> all (lake.secret_kinds()))
  end,
  null, $5, $6
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

-- name: cited_items (bigint[])
select i.id, i.kind, i.source, i.title, i.url,
  to_char(
    case when i.precision = 'day' then date_trunc('day', i.occurred_at + interval '12 hours', 'UTC') else i.occurred_at end
      at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS+00:00'
  ) as occurred_at,
  coalesce(i.precision = 'day', false) as whole_day
from lake.item as i
where i.owner_id = (select ops.current_owner()) and i.id = any ($1)

-- name: conversation_language (uuid)
select (
  select a.language from gaia.answer as a
  where a.owner_id = c.owner_id and a.conversation_id = c.id
  order by a.created_at desc
  limit 1
) as language
from gaia.conversation as c
where c.owner_id = (select ops.current_owner()) and c.id = $1

-- name: answer_insert (uuid, text, text, text, real, jsonb, jsonb, jsonb, jsonb, real, jsonb, jsonb, text)
with conversation as (
  insert into gaia.conversation (title)
  select left($2, 200) where $1 is null
  returning id
), answer as (
  insert into gaia.answer (
    conversation_id, question, answer, route, confidence, data, plan, options, models, latency_ms, language
  )
  select coalesce($1, (select c.id from conversation as c)), $2, $3, $4, $5, $6, $7, $8, $9, $10, $13
  returning id, conversation_id
), cited as (
  insert into gaia.citation (answer_id, ordinal, item_id, snippet)
  select a.id, c.ordinal, c.item_id, c.snippet
  from answer as a
  cross join jsonb_to_recordset($11) as c (ordinal integer, item_id bigint, snippet text)
), spans as (
  insert into gaia.span (answer_id, ordinal, name, started_ms, duration_ms, detail)
  select a.id, s.ordinal, s.name, s.started_ms, s.duration_ms, s.detail
  from answer as a
  cross join jsonb_to_recordset($12)
    as s (ordinal integer, name text, started_ms real, duration_ms real, detail jsonb)
)
select a.id as answer_id, a.conversation_id from answer as a

-- name: subroutine_named (text, text)
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) as handler
from gaia.subroutine as s
join pg_namespace as n on n.nspname = split_part(s.handler, '.', 1)
join pg_proc as p
  on p.pronamespace = n.oid and p.proname = split_part(s.handler, '.', 2)
  and p.pronargs = 1 and p.proargtypes[0] = 'jsonb'::regtype and p.prorettype = 'jsonb'::regtype
where s.name = $1 and s.owner_id in ($2, 'system')
order by s.owner_id = 'system'
limit 1

-- name: subroutine_names ()
select distinct s.name from gaia.subroutine as s order by s.name

-- name: subroutine_insert (text, text, text, jsonb)
insert into gaia.subroutine (name, handler, description, input_schema, source)
values ($1, $2, $3, $4, 'user')
on conflict on constraint subroutine_name_uq do nothing
returning id

-- name: examples_insert (text, text[], text, text[])
insert into gaia.example (subroutine, text, source, language)
select $1, t.text, $3, t.language from unnest($2, $4) as t (text, language)
on conflict on constraint example_text_uq do nothing

-- name: subroutine_delete (text)
with gone as (
  delete from gaia.subroutine as s where s.owner_id = (select ops.current_owner()) and s.name = $1 returning s.name
), examples as (
  delete from gaia.example as e using gone as g
  where e.owner_id = (select ops.current_owner()) and e.subroutine = g.name
)
select g.name from gone as g

-- name: answer_by_id (uuid)
select a.question, a.options, a.answer, a.route, a.data, a.language
from gaia.answer as a
where a.owner_id = (select ops.current_owner()) and a.id = $1

-- name: installed_router (text)
select coalesce(
  (
    select bool_and(r.fingerprint = (
      select count(*) || ':' || coalesce(max(e.id), 0) from gaia.example as e where e.owner_id = 'system'
    ))
    from gaia.router as r
    where r.owner_id = 'system' and r.model = $1
  ),
  false
) as fits

-- name: anchor_event (text, text[])
select e.title, e.first_day::text as first_day,
  greatest(e.first_day + 1, (e.until - interval '1 microsecond')::date + 1)::text as end_day
from (
  select i.title, i.precision = 'day' as whole_day, i.occurred_at,
    (case when i.precision = 'day' then (i.occurred_at + interval '12 hours') at time zone 'UTC'
      else i.occurred_at at time zone z.name end)::date as first_day,
    coalesce(
      case when i.precision = 'day' then date_trunc('day', (i.ended_at + interval '12 hours') at time zone 'UTC')
        else i.ended_at at time zone z.name end, i.occurred_at at time zone z.name
    ) as until
  from (select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') as name) as z
  join lake.item as i on i.owner_id = (select ops.current_owner())
  where i.kind = 'event' and i.kind <> all ((select lake.secret_kinds())::text[])
    and i.id = any (array(select gaia.items_about($1)))
) as e
order by e.occurred_at > ops.now(), not coalesce(e.whole_day, false),
  (select count(*) from unnest($2) as w (word) where position(left(w.word, 4) in lower(e.title)) > 0) desc,
  length(e.title), e.occurred_at desc
limit 1

-- name: birthday (text)
-- Of the owner where $1 is null, else of whom it names: as a contact has it, or the calendar.
with wanted as (
  select n.value as name
  from gaia.name as n
  where $1 is null and n.owner_id = (select ops.current_owner()) and n.token = '' and n.field = 'self'
), dated as (
  select i.title as name, i.attributes ->> 'birthday' as birthday, 1 as rank
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind = 'contact' and i.attributes ->> 'birthday' is not null
    and i.kind <> all ((select lake.secret_kinds())::text[])
    and (lower(i.title) in (select lower(w.name) from wanted as w) or position(lower($1) in lower(i.title)) > 0)
  union all
  select i.title, to_char((i.occurred_at + interval '12 hours') at time zone 'UTC', 'YYYY-MM-DD'), 2
  from lake.item as i
  where i.owner_id = (select ops.current_owner()) and i.kind = 'event' and i.precision = 'day'
    and i.kind <> all ((select lake.secret_kinds())::text[])
    and lower(i.title) like '%birthday%'
    and (
      lower(i.title) in (select lower(w.name) || '''s birthday' from wanted as w)
      or ($1 is null and lower(i.title) in ('my birthday', 'birthday')) or position(lower($1) in lower(i.title)) > 0
    )
)
select d.name, d.birthday from dated as d order by d.rank, length(d.name), d.birthday desc limit 1

-- name: names_near (text[])
select distinct n.token, n.field, n.value
from gaia.name as n
where n.owner_id = (select ops.current_owner()) and left(n.token, 1) = any ($1) and n.field <> 'self'
  and length(n.token) > 3
limit 20000

-- name: texts_to_sum_up (jsonb, integer)
with found as materialized (
  select m.id, m.occurred_at
  from unnest(array['mail', 'message', 'note', 'document', 'highlight']) as k (kind)
  cross join lateral gaia.matching_items($1 || jsonb_build_object('kind', k.kind)) as m
  where case when $1 ->> 'kind' is not null then k.kind = $1 ->> 'kind' else k.kind <> all (lake.secret_kinds()) end
)
select i.id, i.kind, i.title, left(i.body, 6000) as body, i.occurred_at::text as at,
  (select count(*) from found)::integer as total
from (select f.id from found as f order by f.occurred_at desc nulls last, f.id desc limit $2) as f
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = f.id

-- name: enqueue_task (text, jsonb)
select gaia.enqueue_task($1, $2) as id

-- name: turn_before (uuid)
select coalesce(a.plan ->> 'subroutine', a.route) as route, coalesce(a.plan -> 'parameters', '{}'::jsonb)::text as parameters
from gaia.answer as a
where a.owner_id = (select ops.current_owner()) and a.conversation_id = $1 and a.route not in ('none', 'explain')
order by a.created_at desc
limit 1

-- name: deployed_router (text)
select d.version_id, convert_from(a.content, 'UTF8') as content
from forge.model as m
join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
left join forge.artifact as a
  on a.owner_id = m.owner_id and a.version_id = d.version_id and a.name = 'router.json'
where m.owner_id = $1 and m.recipe = 'router'
order by d.deployed_at desc
limit 1

-- name: example_classes (text[])
select distinct e.subroutine from gaia.example as e where e.owner_id = any ($1)

-- name: notes_kept ()
select n.text from gaia.note as n where n.owner_id = (select ops.current_owner()) order by n.id desc limit 500

-- name: kind_of_model (text)
select case
  when exists (select from cortex.provider as p where p.name = $1 and p.kind = 'chat') then 'chat'
  when exists (select from forge.model as m where m.owner_id = (select ops.current_owner()) and m.name = $1) then 'trained'
end as kind

-- name: context_passages (text, jsonb)
select c.context, c.citations::text as citations from api.cortex_context($1, $2) as c

-- name: policy ()
select to_jsonb(p)::text as policy
from (values (true)) as one (row)
left join lateral (
  select
    coalesce(o.tools, '{}') as tools, coalesce(o.sql, false) as sql, coalesce(o.sql_max_cost, 100000) as sql_max_cost,
    coalesce(o.sql_max_rows, 200) as sql_max_rows, coalesce(o.max_rounds, 3) as max_rounds,
    coalesce(o.unsupported, 'mark') as unsupported
  from (select) as n
  left join gaia.policy as o on o.owner_id = (select ops.current_owner())
) as p on true

-- name: tools (text[])
select distinct on (s.name) s.name, s.description, s.input_schema::text as schema,
  quote_ident(split_part(s.handler, '.', 1)) || '.' || quote_ident(split_part(s.handler, '.', 2)) as handler
from gaia.subroutine as s
where s.name = any ($1) and s.name not in ('remember', 'forget')
  and pg_get_function_result(to_regprocedure(s.handler || '(jsonb)')) = 'jsonb'
order by s.name, s.owner_id = 'system'

-- name: readable_views ()
select v.view, v.columns from gaia.readable_views() as v

-- name: trained_models (text[])
select m.name, m.recipe, d.query, 
  coalesce((select json_agg(c.value ->> 'name') from jsonb_array_elements(d.columns) as c), '[]'::json)::text as columns,
  coalesce(v.parameters ->> 'target', '') as target, coalesce(v.signature -> 'labels', '[]'::jsonb)::text as labels,
  coalesce(v.signature -> 'features', '[]'::jsonb)::text as features,
  (
    select coalesce(json_agg(f.series), '[]'::json)
    from (
      select distinct f.series
      from forge.forecast as f
      where f.owner_id = v.owner_id and f.version_id = v.id and f.series <> ''
      order by f.series
      limit 500
    ) as f
  )::text as series
from forge.model as m
join forge.deployment as p on p.owner_id = m.owner_id and p.model_id = m.id and p.retired_at is null and not p.shadow
join forge.version as v on v.owner_id = m.owner_id and v.id = p.version_id
left join forge.dataset as d on d.owner_id = v.owner_id and d.id = v.dataset_id
where m.owner_id = (select ops.current_owner()) and m.recipe = any ($1)
order by p.traffic desc, p.deployed_at desc
