create or replace function gaia.nearest_item(p_parameters jsonb, p_kind text)
returns bigint
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select s.item_id
from api.cortex_search(
  p_parameters ->> 'question', 20,
  jsonb_strip_nulls(jsonb_build_object(
    'kinds', jsonb_build_array(p_kind), 'since', p_parameters ->> 'since', 'until', p_parameters ->> 'until'
  ))
) with ordinality as s (
  item_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at, title, snippet, url, repeats, place
)
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = s.item_id
where (
  p_parameters -> 'person' is null
  or p_parameters -> 'person' ? (i.attributes ->> 'sender')
  or i.attributes -> 'recipient_names' ?| array(select jsonb_array_elements_text(p_parameters -> 'person'))
  or i.attributes -> 'attendees' ?| array(select jsonb_array_elements_text(p_parameters -> 'person'))
)
  -- Of a calendar's short titles one word at least must be the question's.
  and (p_kind <> 'event' or exists (
    select from regexp_split_to_table(p_parameters ->> 'topic', '\s+') as w (word)
    where i.id in (select gaia.items_about(w.word))
  ))
order by s.place
limit 1;
$$;

comment on function gaia.nearest_item(jsonb, text) is
'The item of a kind that is nearest to the question, with the people that it names; null when there is none.
An event must share a word with the topic. p_parameters: question, topic, person, since, until.';
