create or replace function cortex.compact()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_small constant integer := 8192;
  v_removed constant bigint := (select count(*) from cortex.removal as r where r.owner_id = v_owner);
  v_texts bigint;
  v_purge boolean;
  v_segment bigint := nextval('cortex.segment_seq');
  v_merged bigint;
begin
  if v_removed < 500 and (select count(*) from cortex.corpus_delta as d where d.owner_id = v_owner) < 16 then
    return 0;
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('cortex.compact ' || v_owner, 0)) then
    return 0;
  end if;
  with summed as (
    delete from cortex.corpus_delta as d where d.owner_id = v_owner returning d.language, d.texts, d.tokens
  ), kept as (
    insert into cortex.corpus_delta (owner_id, language, texts, tokens)
    select v_owner, s.language, sum(s.texts), sum(s.tokens)
    from summed as s
    group by s.language
    having sum(s.texts) <> 0
    returning texts
  )
  select coalesce(sum(k.texts), 0) into v_texts from kept as k;
  v_purge := v_removed > greatest(500, v_texts / 100);
  -- One statement, so that what it reads, what it deletes and which removals it applies belong to one snapshot.
  with purged as (
    delete from cortex.removal as r where v_purge and r.owner_id = v_owner returning r.text_id
  ), candidate as (
    select p.term
    from cortex.posting as p
    where p.owner_id = v_owner and (v_purge or cardinality(p.text_ids) < v_small)
    group by p.term
    having v_purge or count(*) >= 4
  ), old as (
    delete from cortex.posting as p using candidate as c
    where p.owner_id = v_owner and p.term = c.term and (v_purge or cardinality(p.text_ids) < v_small)
    returning p.term, p.text_ids, p.frequencies, p.lengths
  ), merged as (
    insert into cortex.posting (owner_id, term, segment, text_ids, frequencies, lengths)
    select v_owner, o.term, v_segment, array_agg(u.text_id order by u.text_id),
      array_agg(u.frequency order by u.text_id), array_agg(u.length order by u.text_id)
    from old as o
    cross join lateral unnest(o.text_ids, o.frequencies, o.lengths) as u (text_id, frequency, length)
    where not exists (select from purged as g where g.text_id = u.text_id)
    group by o.term
    returning 1
  )
  select count(*) into v_merged from merged;
  return v_merged;
end
$$;

comment on function cortex.compact() is
'Merges the segments of the current owner''s inverted index, term by term where four small ones have gathered, and
sums up the statistics; takes the postings of removed texts away once these are 1 % of the texts. Returns how many terms
were merged; 0 when fewer than 16 statements have written since the last time, or another process is at it. For datapunk_worker only.';
