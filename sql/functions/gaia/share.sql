create or replace function gaia.share(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_of bigint;
  v_count bigint;
  v_cited jsonb;
begin
  select count(*) into v_of
  from gaia.matching_items(p_parameters - array['channel', 'site', 'person', 'place', 'topic', 'weekday']) as m;
  with matching as materialized (
    select m.id, m.occurred_at from gaia.matching_items(p_parameters) as m
  )
  select count(*), (
    select coalesce(jsonb_agg(jsonb_build_object('item_id', n.id) order by n.occurred_at desc), '[]'::jsonb)
    from (select c.id, c.occurred_at from matching as c order by c.occurred_at desc nulls last limit 3) as n
  )
  into v_count, v_cited
  from matching;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'measure', 'share', 'kind', p_parameters ->> 'kind', 'count', v_count, 'of', v_of,
      'percent', case when v_of > 0 then round(100.0 * v_count / v_of, 1) end
    ),
    'citations', v_cited
  );
end
$$;

comment on function gaia.share(jsonb) is
'How large a part of the things of a kind and time is of the names, topic or weekday asked for. data: count, of,
percent (null where there is nothing of the kind). Cites the three newest.';
