create or replace function cortex.query_terms(p_query text)
returns table (term text, weight double precision)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_separated constant text := translate(p_query, './-@+', '     ');
  v_terms text[];
  v_positions smallint[];
  v_weights double precision[];
  v_known text[];
  v_word text;
  v_most constant integer := 8;
begin
  with language as (
    select coalesce(l.configuration, 'simple') as configuration, sum(d.texts)::double precision as texts
    from cortex.corpus_delta as d
    left join cortex.language as l on l.code = d.language
    where d.owner_id = (select ops.current_owner())
    group by 1
    having sum(d.texts) > 0
  ), share as materialized (
    select l.configuration::regconfig as configuration, l.texts / sum(l.texts) over () as part from language as l
  ), place as materialized (
    -- The parser is the same for all of them, so that a position is the same word in each.
    select s.configuration, s.part, u.lexeme, w.position
    from share as s
    cross join lateral unnest(to_tsvector(s.configuration, v_separated)) as u
    cross join lateral unnest(u.positions) as w (position)
  ), counted as (
    -- A stop word of one language counts as much as the others have texts: "the" in an English Lake next to nothing.
    select p.position, case when count(*) = (select count(*) from share) then 1 else sum(p.part) end as weight
    from place as p
    group by p.position
  ), distinct_place as (
    select distinct p.lexeme, p.position from place as p
  )
  select array_agg(d.lexeme), array_agg(d.position), array_agg(c.weight)
  into v_terms, v_positions, v_weights
  from distinct_place as d
  join counted as c on c.position = d.position;
  if v_terms is null then
    return;
  end if;
  v_known := array(
    select u.term
    from (select distinct t.term from unnest(v_terms) as t (term)) as u
    where (
      select true
      from cortex.posting as p
      where p.owner_id = (select ops.current_owner()) and p.term = u.term and p.texts > 0
      limit 1
    )
  );
  return query
  select u.term, sum(u.weight)
  from unnest(v_terms, v_weights) as u (term, weight)
  where u.term = any (v_known)
  group by u.term;
  for v_word in
    -- Each reads a range of terms: a whole text with hundreds of them is not what a person means.
    select lower(m[1]) from regexp_matches(p_query, '(\w{2,})\*', 'g') as m limit v_most
  loop
    return query
    select e.term, 1::double precision from cortex.terms_with_prefix(v_word, 50) as e where e.term <> all (v_known);
  end loop;
  -- Words that no text holds in any language are taken for typing errors.
  for v_word in
    select s.lexeme
    from unnest(to_tsvector('simple', v_separated)) as s
    where s.lexeme ~ '^[[:alpha:]]{4,}$' and p_query !~* (s.lexeme || '\*') and s.positions <@ v_positions
      and not s.positions && array(
        select u.position from unnest(v_terms, v_positions) as u (term, position) where u.term = any (v_known)
      )
    order by s.positions[1]
    limit v_most
  loop
    return query select e.term, e.similarity from cortex.similar_terms(v_word, 3) as e where e.term <> all (v_known);
  end loop;
end
$$;

comment on function cortex.query_terms(text) is
'The terms of a query and how much each counts: its lexemes in each of the languages that the current owner''s texts are
in, as often as it says them; the terms that begin with a word before an asterisk; and for words of at least four letters
that no text holds, the terms most like them. Of both, the first eight words of a query.';
