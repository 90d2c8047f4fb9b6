create or replace function gaia.count(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count bigint;
  v_first timestamptz;
  v_last timestamptz;
  v_cited jsonb;
begin
  if p_parameters ->> 'kind' is null then
    return gaia.count_by_kind(p_parameters);
  end if;
  with matching as materialized (
    select m.id, m.occurred_at from gaia.matching_items(p_parameters) as m
  )
  select
    (select count(*) from matching), (select min(m.occurred_at) from matching as m),
    (select max(m.occurred_at) from matching as m),
    (
      select coalesce(jsonb_agg(jsonb_build_object('item_id', n.id) order by n.occurred_at desc), '[]'::jsonb)
      from (select m.id, m.occurred_at from matching as m order by m.occurred_at desc nulls last limit 3) as n
    )
  into v_count, v_first, v_last, v_cited;
  return jsonb_build_object(
    'data', jsonb_build_object('count', v_count, 'kind', p_parameters ->> 'kind', 'first', v_first, 'last', v_last),
    'citations', v_cited
  );
end
$$;

comment on function gaia.count(jsonb) is
'Subroutine count: how many items match; data: count, kind, first and last time. Cites the three newest.';
