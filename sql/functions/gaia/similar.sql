create or replace function gaia.similar(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_named constant text := coalesce(p_parameters ->> 'quoted', p_parameters ->> 'topic');
  v_id bigint;
  v_title text;
  v_rows jsonb;
begin
  if v_named is not null then
    select i.id, i.title into v_id, v_title
    from lake.item as i
    where i.owner_id = (select ops.current_owner()) and i.title = v_named and i.sensitivity <> 'secret'
    order by i.occurred_at desc nulls last, i.id desc
    limit 1;
    if v_id is null then
      -- What is named has all the words; something that only means the like is another thing.
      select s.item_id, s.title into v_id, v_title
      from api.cortex_search(v_named, 10) with ordinality as s (
        item_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at, title, snippet, url, repeats,
        place
      )
      where s.item_id = any (array(select a.id from gaia.items_about(v_named) as a (id)))
      order by s.place
      limit 1;
    end if;
  end if;
  if v_id is null then
    return jsonb_build_object(
      'data', jsonb_build_object('seed', null, 'rows', '[]'::jsonb), 'citations', '[]'::jsonb
    );
  end if;
  -- What is watched or read again and again is like itself.
  select coalesce(jsonb_agg(jsonb_build_object(
    'item_id', n.item_id, 'title', n.title, 'kind', n.kind, 'score', round(n.score::numeric, 4)
  ) order by n.place), '[]'::jsonb) into v_rows
  from (
    select d.item_id, d.title, d.kind, d.score, d.place
    from (
      select distinct on (s.title) s.item_id, s.title, s.kind, s.score, s.place
      from api.cortex_similar(v_id, 40) with ordinality as s (
        item_id, score, lexical_rank, semantic_rank, kind, source, external_id, occurred_at, title, snippet, url, repeats,
        place
      )
      where s.title is distinct from v_title and (p_parameters ->> 'kind' is null or s.kind = p_parameters ->> 'kind')
      order by s.title, s.place
    ) as d
    order by d.place
    limit coalesce((p_parameters ->> 'k')::integer, 5)
  ) as n;
  return jsonb_build_object(
    'data', jsonb_build_object('seed', jsonb_build_object('item_id', v_id, 'title', v_title), 'rows', v_rows),
    'citations', (
      select coalesce(jsonb_agg(jsonb_build_object('item_id', r.value -> 'item_id') order by r.place), '[]'::jsonb)
      from jsonb_array_elements(v_rows) with ordinality as r (value, place)
    )
  );
end
$$;

comment on function gaia.similar(jsonb) is
'Subroutine similar: what is like the item that p_parameters.quoted (or topic) names by its title, else finds. data:
seed (item_id, title; null where there is none) and rows of item_id, title, kind, score. Cites the rows.';
