create or replace function cortex.index_items()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set work_mem = '64MB'
as $$
declare
  v_language constant text := left(lower(coalesce(nullif(current_setting('datapunk.language', true), ''), 'en')), 2);
  v_who_where constant text[] := array[
    'channel', 'author', 'sender', 'recipient_names', 'participants', 'attendees', 'organizer', 'location', 'place'
  ];
  v_changed bigint[];
  v_unknown bigint[];
  v_detected text[];
  v_left bigint[];
  v_items bigint[];
  v_ordinals integer[];
  v_contents text[];
  v_languages text[];
  v_hashes bytea[];
  v_owners text[];
  v_segment bigint := nextval('cortex.segment_seq');
  v_pieces bigint;
  v_chunks bigint;
  v_added bigint := 0;
  v_round_added bigint;
begin
  select array_agg(distinct n.owner_id) into v_owners from new_item as n;
  if tg_op = 'UPDATE' then
    select array_agg(n.id) into v_changed
    from new_item as n
    join old_item as o on o.owner_id = n.owner_id and o.id = n.id
    where (n.kind, n.source, n.occurred_at, n.title, n.body, n.url, n.attributes, n.language)
      is distinct from (o.kind, o.source, o.occurred_at, o.title, o.body, o.url, o.attributes, o.language);
    if v_changed is null then
      return null;
    end if;
    with gone as (
      delete from cortex.chunk as c
      where c.owner_id = any (v_owners) and c.item_id = any (v_changed)
      returning c.text_id
    )
    select array_agg(distinct g.text_id) into v_left from gone as g;
  end if;
  select array_agg(n.id), cortex.detect_languages(array_agg(left(concat_ws(' ', n.title, n.body), 200)))
  into v_unknown, v_detected
  from new_item as n
  where n.language is null and coalesce(length(n.title), 0) + coalesce(length(n.body), 0) >= 60
    and (tg_op = 'INSERT' or n.id = any (v_changed));
  with item as (
    select n.owner_id, n.id, n.occurred_at, btrim(coalesce(n.body, '')) as body, coalesce(l.code, 'simple') as language,
      concat_ws(
        E'\n',
        coalesce(nullif(btrim(n.title), ''), case when coalesce(btrim(n.body), '') = '' then n.url end),
        case when n.attributes ?| v_who_where then
          nullif(left(translate(concat_ws(
            ', ', n.attributes ->> 'channel', n.attributes ->> 'author', n.attributes ->> 'sender',
            n.attributes ->> 'recipient_names', n.attributes ->> 'participants', n.attributes ->> 'attendees',
            n.attributes ->> 'organizer', n.attributes ->> 'location', n.attributes ->> 'place'
          ), '[]{}"', ''), 200), '')
        end
      ) as head
    from new_item as n
    left join unnest(v_unknown, v_detected) as d (id, code) on d.id = n.id
    left join cortex.language as l on l.code = coalesce(left(lower(n.language), 2), d.code, v_language)
    where tg_op = 'INSERT' or n.id = any (v_changed)
  ), part as (
    select i.id, i.language, 0 as ordinal, concat_ws(E'\n', nullif(i.head, ''), nullif(i.body, '')) as content
    from item as i
    where length(i.head) + octet_length(i.body) between 1 and 800
    union all
    select i.id, i.language, (c.ordinal - 1)::integer, c.content
    from item as i
    -- What is found of a long text tells when it was, as its head and the rest of it would.
    cross join lateral unnest(
      cortex.split_text(concat_ws(E'\n', nullif(i.head, ''), to_char(i.occurred_at, 'YYYY-MM-DD')), i.body)
    ) with ordinality as c (content, ordinal)
    where length(i.head) + octet_length(i.body) > 800
  )
  select array_agg(p.id), array_agg(p.ordinal), array_agg(p.content), array_agg(p.language),
    array_agg(sha256(convert_to(p.content, 'UTF8')))
  into v_items, v_ordinals, v_contents, v_languages, v_hashes
  from part as p;
  -- A round leaves pieces over only when another transaction added or removed one of their texts meanwhile.
  for v_round in 1 .. 5 loop
    with piece as materialized (
      select n.owner_id, n.id, n.kind, n.source, n.occurred_at, r.ordinal, r.content, r.language, r.hash
      from unnest(v_items, v_ordinals, v_contents, v_languages, v_hashes) as r (id, ordinal, content, language, hash)
      join new_item as n on n.id = r.id
      where v_round = 1 or not exists (
        select from cortex.chunk as c where c.owner_id = n.owner_id and c.item_id = n.id and c.ordinal = r.ordinal
      )
    ), hashed as materialized (
      select p.owner_id, p.hash, min(p.content) as content, min(p.language) as language
      from piece as p
      group by p.owner_id, p.hash
    ), known as materialized (
      -- Locked, so that a concurrent removal of the text waits until this transaction has ended. Looked up by arrays of
      -- constants: where the statistics take the table for empty, as while its first rows are not committed yet, a join
      -- would become quadratic.
      select t.owner_id, t.hash, t.id
      from cortex.text as t
      where t.owner_id = any (v_owners) and t.hash = any (v_hashes)
      for key share of t
    ), language as materialized (
      select l.code, l.configuration::regconfig as configuration from cortex.language as l
    ), fresh as materialized (
      select d.owner_id, d.hash, d.content, d.language,
        -- Words that punctuation joins, as in file names and addresses, are found one by one.
        to_tsvector(
          coalesce(l.configuration, 'simple'::regconfig),
          translate(d.content, './-@+', '     ')
        ) as lexemes
      from hashed as d
      left join language as l on l.code = d.language
      where not exists (select from known as k where k.owner_id = d.owner_id and k.hash = d.hash)
    ), added as (
      insert into cortex.text (owner_id, hash, body, language, lexemes, length)
      select f.owner_id, f.hash, f.content, f.language, f.lexemes,
        (select coalesce(sum(cardinality(u.positions)), 0) from unnest(f.lexemes) as u)
      from fresh as f
      order by f.hash
      on conflict on constraint text_hash_uq do nothing
      returning owner_id, hash, id, language, length
    ), posted as (
      insert into cortex.posting (owner_id, term, segment, texts, top_frequency, least_length, entries)
      select a.owner_id, u.lexeme, v_segment, count(*), max(cardinality(u.positions)), min(a.length),
        array_agg((a.id << 24) + (a.length << 8) + cardinality(u.positions))
      from fresh as f
      join added as a on a.owner_id = f.owner_id and a.hash = f.hash
      cross join lateral unnest(f.lexemes) as u
      group by a.owner_id, u.lexeme
    ), counted as (
      insert into cortex.corpus_delta (owner_id, language, texts, tokens)
      select a.owner_id, a.language, count(*), sum(a.length)
      from added as a
      group by a.owner_id, a.language
    ), awaited as (
      insert into cortex.pending (owner_id, generation_id, text_id)
      select a.owner_id, g.id, a.id
      from added as a cross join cortex.generation as g
      where g.state in ('active', 'building')
    ), placed as (
      insert into cortex.chunk (owner_id, item_id, ordinal, text_id, kind, source, occurred_at)
      select p.owner_id, p.id, p.ordinal, t.id, p.kind, p.source, p.occurred_at
      from piece as p
      join (
        select k.owner_id, k.hash, k.id from known as k
        union all
        select a.owner_id, a.hash, a.id from added as a
      ) as t on t.owner_id = p.owner_id and t.hash = p.hash
      returning 1
    )
    select (select count(*) from piece), (select count(*) from placed), (select count(*) from added)
    into v_pieces, v_chunks, v_round_added;
    v_added := v_added + v_round_added;
    exit when v_pieces = v_chunks;
    v_segment := nextval('cortex.segment_seq');
  end loop;
  if v_pieces <> v_chunks then
    raise exception 'others keep removing the same texts' using errcode = '40001', hint = 'Run the statement again.';
  end if;
  if v_added > 0 then
    perform cortex.enqueue_embedding();
  end if;
  if v_left is not null then
    perform cortex.remove_orphans(v_left);
  end if;
  return null;
end
$$;

comment on function cortex.index_items() is
'Trigger of lake.item: chunks, deduplicates and tokenises what a statement wrote, adds a segment to the inverted index
and leaves the embedding to the workers. An item is found by its head and its body. The head is its title (its address,
when it has neither title nor body) and a line with who and where: channel, author, sender, recipient_names,
participants, attendees, organizer, location, place, at most 200 characters. Up to 800 bytes are one chunk; more is split
(cortex.split_text), each chunk with the head and the date. An item without a language gets that of its words, where
these tell, else the owner''s. SQLSTATE 40001 when other transactions keep removing the same texts.';
