create or replace function cortex.compact()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set work_mem = '256MB'
as $$
declare
  v_owner constant text := ops.current_owner();
  v_block constant integer := 1024;
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
    -- Full blocks of many merges have their best texts spread over all of them: then the whole term is sorted anew.
    select p.term,
      v_purge or count(distinct p.segment) filter (where p.texts = v_block) > 16
      or sum(p.texts) filter (where p.texts <> v_block) > sum(p.texts) / 4 as whole
    from cortex.posting as p
    where p.owner_id = v_owner
    group by p.term
    having v_purge or count(*) filter (where p.texts <> v_block) >= 8 or max(p.texts) > v_block
  ), old as (
    delete from cortex.posting as p using candidate as c
    where p.owner_id = v_owner and p.term = c.term and (c.whole or p.texts <> v_block)
    returning p.term, p.texts, p.entries
  ), entry as (
    select o.term, u.entry, (u.entry >> 8) & 65535 as length, u.entry & 255 as frequency
    from old as o
    cross join lateral unnest(o.entries) as u (entry)
    where not exists (select from purged as g where g.text_id = u.entry >> 24)
  ), classed as (
    -- Texts that hold the term equally often, shortest first, are in the order of their scores, whatever the average
    -- length comes to be. Those of few are rows together.
    select e.*,
      case when count(*) over (partition by e.term) <= v_block then 0 else least(e.frequency, 4) end as class
    from entry as e
  ), placed as (
    select c.*, (row_number() over (partition by c.term, c.class order by c.length, c.entry) - 1) / v_block as part
    from classed as c
  ), block as (
    select p.term, p.class, p.part, count(*)::integer as texts, max(p.frequency)::integer as top_frequency,
      min(p.length)::integer as least_length, array_agg(p.entry order by p.frequency desc, p.length, p.entry) as entries
    from placed as p
    group by p.term, p.class, p.part
  ), missing as (
    -- What removals took off the number of texts is still true while their postings stay.
    select o.term, sum(o.texts)::integer as texts
    from old as o
    where o.texts < 0 and not v_purge
    group by o.term
  ), merged as (
    insert into cortex.posting (owner_id, term, segment, block, texts, top_frequency, least_length, entries)
    select v_owner, b.term, v_segment, row_number() over (partition by b.term order by b.class desc, b.part),
      b.texts, b.top_frequency, b.least_length, b.entries
    from block as b
    union all
    select v_owner, m.term, v_segment, 0, m.texts, 0, 0, '{}'
    from missing as m
    returning block
  )
  select count(*) into v_merged from merged as m where m.block <= 1;
  return v_merged;
end
$$;

comment on function cortex.compact() is
'Merges the blocks of the current owner''s inverted index, term by term where eight that are not full have gathered,
into blocks of 1,024 texts in the order of their scores, and sums up the statistics; takes the postings of removed texts
away once these are 1 % of the texts. Returns how many terms were merged; 0 when fewer than 16 statements have written since
the last time, or another process is at it. For datapunk_worker only.';
