create or replace function cortex.remove_orphans(p_text_ids bigint[])
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_segment bigint := nextval('cortex.segment_seq');
  v_held bigint[];
  v_gone bigint[];
  v_terms text[];
begin
  -- Whoever is placing a chunk on one of these texts holds a lock on it; what is looked up next then sees that chunk.
  perform
  from cortex.text as t
  where t.owner_id = v_owner and t.id = any (p_text_ids)
  order by t.id
  for update of t;
  -- Arrays of constants instead of joins: these become quadratic where the statistics do not know the rows yet, as when
  -- much is forgotten soon after it was imported.
  select coalesce(array_agg(distinct c.text_id), '{}') into v_held
  from cortex.chunk as c
  where c.owner_id = v_owner and c.text_id = any (p_text_ids);
  with gone as (
    delete from cortex.text as t
    where t.owner_id = v_owner and t.id = any (p_text_ids) and t.id <> all (v_held)
    returning t.id, t.language, t.length, t.lexemes
  ), untold as (
    -- A row that takes texts off the number that hold a term keeps the statistics right until cortex.compact.
    insert into cortex.posting (owner_id, term, segment, texts, top_frequency, least_length, entries)
    select v_owner, u.lexeme, v_segment, -count(*), 0, 0, '{}'
    from gone as g
    cross join lateral unnest(g.lexemes) as u
    group by u.lexeme
  ), counted as (
    insert into cortex.corpus_delta (owner_id, language, texts, tokens)
    select v_owner, g.language, -count(*), -sum(g.length)
    from gone as g
    group by g.language
  ), marked as (
    insert into cortex.removal (owner_id, text_id)
    select v_owner, g.id
    from gone as g
  )
  select array_agg(g.id), array(select distinct u.lexeme from gone as o cross join lateral unnest(o.lexemes) as u)
  into v_gone, v_terms
  from gone as g;
  if v_gone is null then
    return 0;
  end if;
  -- A word that no text holds any more is a word of what was deleted alone.
  delete from cortex.posting as p
  where p.owner_id = v_owner and p.term = any (array(
    select o.term
    from cortex.posting as o
    where o.owner_id = v_owner and o.term = any (v_terms)
    group by o.term
    having sum(o.texts) <= 0
  ));
  delete from cortex.embedding as e where e.owner_id = v_owner and e.text_id = any (v_gone);
  delete from cortex.pending as p where p.owner_id = v_owner and p.text_id = any (v_gone);
  return cardinality(v_gone);
end
$$;

comment on function cortex.remove_orphans(bigint[]) is
'Removes those of the texts that no item holds any more, with their embeddings and their share of the statistics;
returns how many. Words that no text holds any more go at once; postings of words that others hold too stay until
cortex.compact and are left out by searches.';
