create or replace function cortex.similar_terms(p_word text, p_limit integer)
returns table (term text, similarity double precision)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with near as materialized (
    select distinct p.term
    from cortex.posting as p
    where p.owner_id = (select ops.current_owner())
      and p.term >= left(p_word, 1) collate "C" and p.term < (left(p_word, 1) || chr(1114111)) collate "C"
      and length(p.term) between length(p_word) - 3 and length(p_word) + 2
  ), alike as (
    select n.term, public.similarity(n.term, p_word)::double precision as similarity
    from near as n
  )
  select a.term, a.similarity
  from alike as a
  where a.similarity >= 0.3
  order by a.similarity desc, a.term
  limit p_limit;
end
$$;

comment on function cortex.similar_terms(text, integer) is
'The current owner''s terms that a mistyped word may stand for: the same first letter, at most a few letters more or
fewer, by the share of trigrams that they have in common (pg_trgm), best first.';
