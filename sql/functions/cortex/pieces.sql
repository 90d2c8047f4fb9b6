create or replace function cortex.pieces(p_owner text, p_items bigint[], p_language text, p_timezone text)
returns table (
  item_id bigint, ordinal integer, content text, language text, configuration regconfig, kind text, source text,
  occurred_at timestamptz
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  with item as materialized (
    -- By an array of constants: where the statistics take the table for empty, as while its first rows are not
    -- committed yet, a join would become quadratic.
    select i.id, i.kind, i.source, i.occurred_at, i.language, i.url, btrim(i.title) as title,
      btrim(coalesce(i.body, '')) as body,
      case when i.attributes ?| array[
        'channel', 'author', 'sender', 'recipient_names', 'participants', 'attendees', 'organizer', 'location', 'place'
      ] then i.attributes end as attributes
    from lake.item as i
    where i.owner_id = p_owner and i.id = any (p_items)
  ), unknown as (
    select array_agg(i.id) as ids, cortex.detect_languages(array_agg(left(concat_ws(' ', i.title, i.body), 200))) as codes
    from item as i
    where i.language is null and coalesce(octet_length(i.title), 0) + octet_length(i.body) >= 60
  ), told as materialized (
    select d.id, d.code
    from unknown as u
    cross join lateral unnest(u.ids, u.codes) as d (id, code)
    where d.code is not null
  ), language as materialized (
    select l.code, l.configuration::regconfig as configuration from cortex.language as l
  ), headed as materialized (
    select i.id, i.kind, i.source, i.occurred_at, i.body, coalesce(l.code, 'simple') as language,
      coalesce(l.configuration, 'simple'::regconfig) as configuration,
      concat_ws(
        E'\n',
        coalesce(nullif(i.title, ''), case when i.body = '' then i.url end),
        case when i.attributes is not null then
          nullif(left(translate(concat_ws(
            ', ', i.attributes ->> 'channel', i.attributes ->> 'author', i.attributes ->> 'sender',
            i.attributes ->> 'recipient_names', i.attributes ->> 'participants', i.attributes ->> 'attendees',
            i.attributes ->> 'organizer', i.attributes ->> 'location', i.attributes ->> 'place'
          ), '[]{}"', ''), 200), '')
        end
      ) as head
    from item as i
    left join told as d on d.id = i.id
    left join language as l on l.code = coalesce(left(lower(i.language), 2), d.code, left(lower(p_language), 2))
  )
  select h.id, 0, concat_ws(E'\n', nullif(h.head, ''), nullif(h.body, '')), h.language, h.configuration, h.kind, h.source,
    h.occurred_at
  from headed as h
  where length(h.head) + octet_length(h.body) between 1 and 800
  union all
  -- What is found of a long text tells when it was, as its head and the rest of it would.
  select h.id, (c.ordinal - 1)::integer, c.content, h.language, h.configuration, h.kind, h.source, h.occurred_at
  from headed as h
  cross join lateral unnest(cortex.split_text(
    concat_ws(E'\n', nullif(h.head, ''), to_char(h.occurred_at at time zone p_timezone, 'YYYY-MM-DD')), h.body
  )) with ordinality as c (content, ordinal)
  where length(h.head) + octet_length(h.body) > 800;
end
$$;

comment on function cortex.pieces(text, bigint[], text, text) is
'The pieces of items that the index holds, and what tokenises each. An item is found by its head and its body. The head
is its title (its address, when it has neither title nor body) and a line with who and where: channel, author, sender,
recipient_names, participants, attendees, organizer, location, place, at most 200 characters. Up to 800 bytes are one
piece; more is split (cortex.split_text), each piece with the head and the date. An item without a language gets that of
its words, where these tell, else p_language.';
