create or replace function cortex.query_terms(p_query text)
returns text[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct u.lexeme), '{}')
  from (
    select d.language
    from cortex.corpus_delta as d
    where d.owner_id = (select ops.current_owner())
    group by d.language
    having sum(d.texts) > 0
  ) as used
  left join cortex.language as l on l.code = used.language
  cross join lateral unnest(to_tsvector(coalesce(l.configuration, 'simple')::regconfig, p_query)) as u;
$$;

comment on function cortex.query_terms(text) is
'The lexemes of a query in each of the languages that the current owner''s texts are in.';
