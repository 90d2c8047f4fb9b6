create or replace function gaia.search(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with wanted as (
  -- Visits and searches repeat the words of a question; what answers it is written in mails, events and notes.
  select k.kinds, k.place, coalesce((p_parameters ->> 'k')::integer, 5) as k
  from (values
    (jsonb_build_array('mail', 'message', 'event', 'note', 'document', 'highlight'), 1),
    (null::jsonb, 2)
  ) as k (kinds, place)
  where p_parameters ->> 'kind' is null
  union all
  select jsonb_build_array(p_parameters ->> 'kind'), 1, coalesce((p_parameters ->> 'k')::integer, 5)
  where p_parameters ->> 'kind' is not null
), hit as (
  select w.place, s.ordinal, s.item_id, s.score, s.snippet
  from wanted as w
  cross join lateral api.cortex_search(
    p_parameters ->> 'question', case when w.place = 1 then w.k else 2 end,
    jsonb_strip_nulls(jsonb_build_object(
      'kinds', w.kinds, 'since', p_parameters ->> 'since', 'until', p_parameters ->> 'until'
    ))
  ) with ordinality as s (
    item_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at, title, snippet, url, repeats,
    ordinal
  )
), single as (
  select distinct on (h.item_id) h.item_id, h.score, h.snippet, h.place, h.ordinal
  from hit as h
  order by h.item_id, h.place
), found as (
  -- What a person wrote whom the question names comes first.
  select s.item_id, s.score, s.snippet, row_number() over (
    order by s.place, not coalesce(p_parameters -> 'person' ? (i.attributes ->> 'sender'), false), s.ordinal
  ) as rank
  from single as s
  join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = s.item_id
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'found', count(*),
    'passages', coalesce(jsonb_agg(jsonb_build_object(
      'item_id', f.item_id, 'score', f.score, 'text', left(coalesce(i.body, i.title, i.url), 4000)
    ) order by f.rank), '[]'::jsonb)
  ),
  'citations', coalesce(
    jsonb_agg(jsonb_build_object('item_id', f.item_id, 'snippet', f.snippet) order by f.rank), '[]'::jsonb
  )
)
from found as f
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = f.item_id;
$$;

comment on function gaia.search(jsonb) is
'Subroutine search: the passages nearest to the question, those of mails, messages, events, notes and documents first
unless it names a kind; data: found, passages (item_id, score, text). Cites them.';
