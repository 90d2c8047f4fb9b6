create or replace function lake.write_items(
  p_import_id uuid, p_separator text, p_null text, p_columns text[], p_count integer
)
returns table (added bigint, digests text[])
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
-- What the triggers are shown of a statement is held until the transaction ends, as far as it is in memory.
set work_mem = '256kB'
as $$
  with written as (
    insert into lake.item as i
      (owner_id, import_id, kind, source, external_id, occurred_at, ended_at, precision, zone_source, title, body, url,
       attributes, content_hash, language, quality, edited_at, sensitivity)
    select
      (select ops.current_owner()), p_import_id, r.kind, r.source, r.external_id, r.occurred_at::timestamptz,
      r.ended_at::timestamptz, r.precision, r.zone_source, r.title, r.body, r.url, r.attributes::jsonb,
      r.content_hash::bytea, r.language, r.quality::smallint, r.edited_at::timestamptz,
      coalesce((select jsonb_object_agg(s.kind, s.sensitivity) from lake.sensitivities() as s) ->> r.kind, 'personal')
    from (
      -- In the select list, since a function in FROM copies each column twice.
      select
        unnest(string_to_array(p_columns[1], p_separator, p_null)) as kind,
        unnest(string_to_array(p_columns[2], p_separator, p_null)) as source,
        unnest(string_to_array(p_columns[3], p_separator, p_null)) as external_id,
        unnest(string_to_array(p_columns[4], p_separator, p_null)) as occurred_at,
        unnest(string_to_array(p_columns[5], p_separator, p_null)) as ended_at,
        unnest(string_to_array(p_columns[6], p_separator, p_null)) as precision,
        unnest(string_to_array(p_columns[7], p_separator, p_null)) as zone_source,
        unnest(string_to_array(p_columns[8], p_separator, p_null)) as title,
        unnest(string_to_array(p_columns[9], p_separator, p_null)) as body,
        unnest(string_to_array(p_columns[10], p_separator, p_null)) as url,
        unnest(string_to_array(p_columns[11], p_separator, p_null)) as attributes,
        unnest(string_to_array(p_columns[12], p_separator, p_null)) as content_hash,
        unnest(string_to_array(p_columns[13], p_separator, p_null)) as language,
        unnest(string_to_array(p_columns[14], p_separator, p_null)) as quality,
        unnest(string_to_array(p_columns[15], p_separator, p_null)) as edited_at
    ) as r
    -- A page's entry that turned out to be another item when its zone was found out is known.
    where not exists (select from lake.zone_candidate as z where z.owner_id = (select ops.current_owner()) and z.chosen)
      or not exists (
        select
        from lake.zone_candidate as z
        join lake.item as k on k.owner_id = z.owner_id and k.content_hash = z.candidate_hash
        where z.owner_id = (select ops.current_owner()) and z.content_hash = r.content_hash::bytea and z.chosen
      )
    on conflict (owner_id, content_hash) do update
    set kind = excluded.kind, source = excluded.source, external_id = excluded.external_id,
      occurred_at = excluded.occurred_at, ended_at = excluded.ended_at, precision = excluded.precision,
      zone_source = excluded.zone_source, title = excluded.title, body = excluded.body, url = excluded.url,
      attributes = excluded.attributes, language = excluded.language, quality = excluded.quality,
      edited_at = excluded.edited_at, sensitivity = excluded.sensitivity
    where excluded.quality > i.quality
      or (excluded.quality = i.quality and excluded.edited_at > coalesce(i.edited_at, '-infinity'))
    returning i.content_hash, xmax = 0 as is_new
  )
  -- Which of them were new only has to be told when not all were.
  select
    count(*) as added, case when count(*) < p_count then array_agg(encode(w.content_hash, 'hex')) end as digests
  from written as w
  where w.is_new;
$$;

comment on function lake.write_items(uuid, text, text, text[], integer) is
'Inserts a batch of items, given as a text a column: kind, source, external_id, occurred_at, ended_at, precision,
zone_source, title, body, url, attributes, content_hash, language, quality, edited_at. An item that is there already is
replaced by a better record or a later edit. Returns how many of the p_count items were new, and their content hashes
where not all were.';
