create or replace function gaia.nearest_item(p_parameters jsonb, p_kind text)
returns bigint
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with word as materialized (
  select distinct w.word
  from regexp_split_to_table(lower(coalesce(p_parameters ->> 'topic', '')), '\s+') as w (word)
  where w.word <> ''
), about as materialized (
  select w.word, a.id from word as w cross join lateral gaia.items_about(w.word) as a (id)
)
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
  or gaia.involves(i.attributes, gaia.names_in(p_parameters, 'person'), p_parameters ->> 'direction')
)
  -- More than half of what the question is about must be the item's: near in meaning is much. Words that begin alike
  -- may be the same in another language.
  and (
    select count(*)
    from word
    where exists (select from about as a where a.id = i.id and a.word = word.word)
      or (length(word.word) > 5 and lower(i.title) ~ ('\m' || left(regexp_replace(word.word, '\W', '', 'g'), 5)))
  ) * 2 > (select count(*) from word)
order by s.place
limit 1;
$$;

comment on function gaia.nearest_item(jsonb, text) is
'The item of a kind that is nearest to the question, with the people that it names and more than half of the words of
its topic; null when there is none. p_parameters: question, topic, person, since, until.';
