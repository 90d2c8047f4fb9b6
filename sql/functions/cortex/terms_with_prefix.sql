create or replace function cortex.terms_with_prefix(p_prefix text, p_limit integer)
returns table (term text, texts bigint)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select p.term, sum(p.texts) as texts
  from cortex.posting as p
  where p.owner_id = (select ops.current_owner())
    -- A range of the index: the order of bytes, up to the last character there is.
    and p.term >= p_prefix collate "C" and p.term < (p_prefix || chr(1114111)) collate "C"
  group by p.term
  having sum(p.texts) > 0
  order by sum(p.texts) desc, p.term
  limit p_limit;
$$;

comment on function cortex.terms_with_prefix(text, integer) is
'The current owner''s terms that begin with p_prefix, those of most texts first.';
