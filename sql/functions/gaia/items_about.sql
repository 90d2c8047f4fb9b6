create or replace function gaia.items_about(p_topic text)
returns setof bigint
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  -- A word counts in every language's stemming: texts are tokenised in their own, and of a word that says nothing in it
  -- (with, und) a text has none. An address is as many words as it has parts, and all of them count.
  return query
  with word as (
    select w.number, w.word
    from regexp_split_to_table(lower(p_topic), '[\s./@+-]+') with ordinality as w (word, number)
    where w.word <> ''
  ), variant as materialized (
    select distinct l.code, word.number, lexeme.lexeme
    from word
    cross join cortex.language as l
    cross join lateral unnest(to_tsvector(l.configuration::regconfig, word.word)) as lexeme
  ), needed as (
    select v.code, count(distinct v.number) as words from variant as v group by v.code
  ), hit as materialized (
    select distinct v.number, e.entry >> 24 as text_id
    from cortex.posting as p
    join variant as v on v.lexeme = p.term
    cross join lateral unnest(p.entries) as e (entry)
    where p.owner_id = (select ops.current_owner()) and p.term = any (array(select variant.lexeme from variant))
  ), likely as (
    select h.text_id, count(*) as words
    from hit as h
    group by h.text_id
    having count(*) >= (select min(n.words) from needed as n)
  ), matched as (
    select l.text_id
    from likely as l
    where l.words >= (select max(n.words) from needed as n)
      or l.words >= (
        select n.words
        from cortex.text as t
        join needed as n on n.code = t.language
        where t.owner_id = (select ops.current_owner()) and t.id = l.text_id
      )
  )
  select distinct c.item_id
  from matched as m
  join cortex.chunk as c on c.owner_id = (select ops.current_owner()) and c.text_id = m.text_id;
end
$$;

comment on function gaia.items_about(text) is
'Items with a passage that holds all words of a topic, in any inflection that the stemmers of the languages know.
A topic of nothing but stop words finds nothing.';
