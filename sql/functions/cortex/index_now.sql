create or replace function cortex.index_now(p_owner text, p_items bigint[], p_language text, p_timezone text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_custom_plan
-- Of texts that are known there may be none or all: the statistics cannot tell.
set enable_nestloop = off
set work_mem = '256MB'
as $$
declare
  v_items bigint[];
  v_ordinals integer[];
  v_contents text[];
  v_hashes bytea[];
  v_languages text[];
  v_configurations regconfig[];
  v_kinds text[];
  v_sources text[];
  v_instants timestamptz[];
  v_segment bigint;
  v_added bigint;
  v_attempts integer := 0;
begin
  select array_agg(p.item_id), array_agg(p.ordinal), array_agg(p.content),
    array_agg(sha256(convert_to(p.content, 'UTF8'))), array_agg(p.language), array_agg(p.configuration),
    array_agg(p.kind), array_agg(p.source), array_agg(p.occurred_at)
  into v_items, v_ordinals, v_contents, v_hashes, v_languages, v_configurations, v_kinds, v_sources, v_instants
  from cortex.pieces(p_owner, p_items, p_language, p_timezone) as p;
  loop
    v_segment := nextval('cortex.segment_seq');
    begin
      with known as materialized (
        -- Locked, so that a concurrent removal of the text waits until this transaction has ended. Looked up by arrays
        -- of constants: where the statistics take the table for empty, as while its first rows are not committed yet, a
        -- join would become quadratic.
        select t.hash, t.id
        from cortex.text as t
        where t.owner_id = p_owner and t.hash = any (v_hashes)
        for key share of t
      ), placed as materialized (
        select n.*, coalesce(n.known_id, max(n.new_id) over (partition by n.hash)) as text_id
        from (
          select c.*, case when c.copy = 1 and c.known_id is null then nextval('cortex.text_id_seq') end as new_id
          from (
            select p.*, k.id as known_id, row_number() over (partition by p.hash) as copy
            from (
              select unnest(v_items) as item_id, unnest(v_ordinals) as ordinal, unnest(v_contents) as content,
                unnest(v_hashes) as hash, unnest(v_languages) as language, unnest(v_configurations) as configuration,
                unnest(v_kinds) as kind, unnest(v_sources) as source, unnest(v_instants) as occurred_at
            ) as p
            left join known as k on k.hash = p.hash
          ) as c
        ) as n
      ), fresh as materialized (
        select v.*, (
          select coalesce(sum(cardinality((u.entry).positions)), 0)::integer
          from (select unnest(v.lexemes) as entry) as u
        ) as length
        from (
          select p.text_id, p.hash, p.content, p.language,
            -- Words that punctuation joins, as in file names and addresses, are found one by one.
            to_tsvector(p.configuration, translate(p.content, './-@+', '     ')) as lexemes
          from placed as p
          where p.new_id is not null
          offset 0
        ) as v
      ), added as (
        insert into cortex.text (owner_id, id, hash, body, language, lexemes, length)
        overriding system value
        select p_owner, f.text_id, f.hash, f.content, f.language, f.lexemes, f.length
        from fresh as f
      ), posted as (
        insert into cortex.posting (owner_id, term, segment, texts, top_frequency, least_length, entries)
        select p_owner, (u.entry).lexeme, v_segment, count(*), max(cardinality((u.entry).positions)), min(u.length),
          array_agg((u.text_id << 24) + (u.length << 8) + cardinality((u.entry).positions))
        from (select f.text_id, f.length, unnest(f.lexemes) as entry from fresh as f) as u
        group by (u.entry).lexeme
      ), summed as (
        insert into cortex.corpus_delta (owner_id, language, texts, tokens)
        select p_owner, f.language, count(*), sum(f.length)
        from fresh as f
        group by f.language
      ), awaited as (
        insert into cortex.pending (owner_id, generation_id, text_id)
        select p_owner, g.id, f.text_id
        from fresh as f cross join cortex.generation as g
        where g.state in ('active', 'building')
      ), held as (
        insert into cortex.chunk (owner_id, item_id, ordinal, text_id, kind, source, occurred_at)
        select p_owner, p.item_id, p.ordinal, p.text_id, p.kind, p.source, p.occurred_at
        from placed as p
        order by p.item_id, p.ordinal
      )
      select count(*) into v_added from fresh;
      exit;
    exception
      when unique_violation then
        -- Another transaction added one of the texts meanwhile: next time it is known.
        v_attempts := v_attempts + 1;
        if v_attempts = 5 then
          raise;
        end if;
    end;
  end loop;
  if v_added > 0 then
    perform cortex.enqueue_embedding();
  end if;
end
$$;

comment on function cortex.index_now(text, bigint[], text, text) is
'Takes items that have no chunks into the lexical index: chunks, each distinct text once with its lexemes, a segment of
postings, the statistics, and what waits for an embedding. Texts are added in the order of their hashes, so that two who
add the same ones wait for each other in one order. SQLSTATE 23505 when others keep adding the same texts.';
