create or replace function cortex.remove_orphans(p_text_ids bigint[])
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_removed integer;
begin
  -- Whoever is placing a chunk on one of these texts holds a lock on it; the check below then sees that chunk.
  perform
  from cortex.text as t
  where t.owner_id = (select ops.current_owner()) and t.id = any (p_text_ids)
  order by t.id
  for update of t;
  with gone as (
    delete from cortex.text as t
    where t.owner_id = (select ops.current_owner()) and t.id = any (p_text_ids)
      and not exists (select from cortex.chunk as c where c.owner_id = t.owner_id and c.text_id = t.id)
    returning t.owner_id, t.id, t.language, t.length
  ), unembedded as (
    delete from cortex.embedding as e using gone as g where e.owner_id = g.owner_id and e.text_id = g.id
  ), forgotten as (
    delete from cortex.pending as p using gone as g where p.owner_id = g.owner_id and p.text_id = g.id
  ), counted as (
    insert into cortex.corpus_delta (owner_id, language, texts, tokens)
    select g.owner_id, g.language, -count(*), -sum(g.length)
    from gone as g
    group by g.owner_id, g.language
  ), marked as (
    insert into cortex.removal (owner_id, text_id)
    select g.owner_id, g.id
    from gone as g
    returning 1
  )
  select count(*) into v_removed from marked;
  return v_removed;
end
$$;

comment on function cortex.remove_orphans(bigint[]) is
'Removes those of the texts that no item holds any more, with their embeddings and their share of the statistics;
returns how many. Their postings stay until cortex.compact and are left out by searches.';
