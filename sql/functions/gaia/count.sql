create or replace function gaia.count(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_measure constant text := coalesce(p_parameters ->> 'measure', 'count');
  v_count bigint;
  v_different bigint;
  v_items bigint;
  v_seconds double precision;
  v_first timestamptz;
  v_last timestamptz;
  v_cited jsonb;
begin
  if v_measure = 'share' then
    return gaia.share(p_parameters);
  end if;
  if p_parameters ->> 'kind' is null then
    return gaia.count_by_kind(p_parameters);
  end if;
  if v_measure = 'distinct' and p_parameters ->> 'group_by' = 'person' then
    return gaia.count_people(p_parameters);
  end if;
  with matching as materialized (
    select m.id, m.occurred_at, m.day, m.label, m.seconds
    from gaia.matching_items(
      p_parameters, case v_measure when 'days' then 'day' when 'duration' then 'seconds' end
    ) as m
  )
  select
    count(*),
    -- What is not asked for is not counted: telling days apart takes longer than finding the items.
    case v_measure
      when 'days' then (select count(distinct d.day) from matching as d)
      when 'distinct' then (select count(distinct d.label) filter (where d.label <> '') from matching as d)
    end,
    -- A whole day in the calendar says nothing of how long something took, and what has no end nothing at all.
    case when count(*) = 0 then 0 else sum(m.seconds) filter (where m.seconds < 86400) end, min(m.occurred_at), max(m.occurred_at),
    (
      select coalesce(jsonb_agg(jsonb_build_object('item_id', n.id) order by n.occurred_at desc), '[]'::jsonb)
      from (select c.id, c.occurred_at from matching as c order by c.occurred_at desc nulls last limit 3) as n
    )
  into v_count, v_different, v_seconds, v_first, v_last, v_cited
  from matching as m;
  v_items := v_count;
  if p_parameters ?| array['at_least', 'at_most'] then
    select count(*), coalesce(sum(g.items), 0) into v_different, v_items from gaia.bounded_groups(p_parameters) as g;
  end if;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'measure', v_measure, 'kind', p_parameters ->> 'kind', 'first', v_first, 'last', v_last,
      'count', case when v_measure in ('days', 'distinct') then v_different else v_count end
    ) || case v_measure
      when 'duration' then jsonb_build_object('seconds', v_seconds::bigint)
      when 'average' then gaia.average(p_parameters, v_count, v_first, v_last)
      when 'days' then jsonb_build_object('items', v_items)
      when 'distinct' then jsonb_build_object('items', v_items, 'group_by', p_parameters ->> 'group_by')
      else '{}'::jsonb
    end,
    'citations', v_cited
  );
end
$$;

comment on function gaia.count(jsonb) is
'Subroutine count. data: measure, kind, count, first and last time. p_parameters.measure says what count is: the
items that match (count), their days (days) or different channels, sites or people (distinct), of these only with at_least
and at_most so many items; average adds the average per unit, duration adds seconds (null where the end of none is known), share the percentage. Cites the three newest.';
