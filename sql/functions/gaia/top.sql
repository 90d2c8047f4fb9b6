create or replace function gaia.top(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  -- Those of mails that came are their senders, which is a label like others.
  v_parameters constant jsonb := p_parameters || case
    when p_parameters @> '{"kind": "mail", "direction": "received", "group_by": "person"}' then '{"group_by": "sender"}'
    else '{}'
  end::jsonb;
begin
  -- Labels are compared byte by byte, which costs a fraction of comparing them as a language sorts.
  return (
    with labelled as materialized (
      select m.id, m.occurred_at, m.label collate "C" as label
      from gaia.matching_items(v_parameters) as m
      where v_parameters ->> 'group_by' <> 'person' and coalesce(m.label, '') <> ''
      union all
      select p.id, p.occurred_at, p.person collate "C"
      from gaia.matching_people(v_parameters) as p
      where v_parameters ->> 'group_by' = 'person'
    ), ranked as materialized (
      select l.label, count(*) as number
      from labelled as l
      group by l.label
      having count(*) >= coalesce((p_parameters ->> 'at_least')::integer, 1)
        and (p_parameters ->> 'at_most' is null or count(*) <= (p_parameters ->> 'at_most')::integer)
    ), first as materialized (
      select r.label, r.number, row_number() over (order by r.number desc, r.label) as rank
      from ranked as r
      order by r.number desc, r.label
      limit coalesce((p_parameters ->> 'k')::integer, 5)
    ), best as (
      -- Only what is told is put in order.
      select distinct on (f.rank) f.label, f.number, f.rank, l.id as newest
      from first as f
      join labelled as l on l.label = f.label
      order by f.rank, l.occurred_at desc nulls last, l.id desc
    )
    select jsonb_build_object(
      'data', jsonb_build_object(
        'kind', p_parameters ->> 'kind', 'group_by', p_parameters ->> 'group_by',
        'total', (select coalesce(sum(r.number), 0) from ranked as r),
        'distinct', (select count(*) from ranked),
        'rows', coalesce(jsonb_agg(jsonb_build_object('value', b.label, 'count', b.number) order by b.rank), '[]'::jsonb)
      ),
      'citations', coalesce(jsonb_agg(jsonb_build_object('item_id', b.newest) order by b.rank), '[]'::jsonb)
    )
    from best as b
  );
end
$$;

comment on function gaia.top(jsonb) is
'Subroutine top: which channels, sites, searches, people, titles or times (weekdays, months ...) come up most (ties by
name), of those only that come up at_least and at_most so many times; data: rows of value and count, total, distinct.
Cites the newest item of each.';
