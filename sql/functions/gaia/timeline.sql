create or replace function gaia.timeline(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    with kind as (
      select k.kind
      from gaia.held_kinds() as k (kind)
      where k.kind = p_parameters ->> 'kind'
        or (p_parameters ->> 'kind' is null and k.kind <> all ((select lake.secret_kinds())::text[]))
    ), found as materialized (
      select m.id, m.occurred_at, m.title, m.day, k.kind
      from kind as k
      cross join lateral gaia.matching_items(p_parameters || jsonb_build_object('kind', k.kind)) as m
    ), placed as (
      select f.id, f.occurred_at, f.title, f.day, f.kind,
        -- What a person enters or writes tells more of a day than each page.
        row_number() over (
          order by f.kind in ('event', 'photo', 'place_visit', 'purchase', 'mail', 'note') desc, f.kind <> 'event',
            case when p_parameters ->> 'order' = 'last' then f.occurred_at end desc, f.occurred_at, f.id
        ) as rank
      from found as f
    ), kept as (
      select p.id, p.occurred_at, p.title, p.kind, row_number() over (order by p.occurred_at, p.id) as place
      from placed as p
      where p.rank <= coalesce((p_parameters ->> 'k')::integer, 25)
    )
    select jsonb_build_object(
      'data', jsonb_build_object(
        'kind', p_parameters ->> 'kind', 'count', (select count(*) from found),
        'by_kind', (
          select coalesce(jsonb_object_agg(n.kind, n.number), '{}'::jsonb)
          from (select f.kind, count(*) as number from found as f group by f.kind) as n
        ),
        'rows', coalesce(jsonb_agg(jsonb_build_object(
          'item_id', k.id, 'kind', k.kind, 'title', k.title, 'at', k.occurred_at
        ) order by k.place), '[]'::jsonb)
      ),
      'citations', coalesce(jsonb_agg(jsonb_build_object('item_id', k.id) order by k.place), '[]'::jsonb)
    )
    from kept as k
  );
end
$$;

comment on function gaia.timeline(jsonb) is
'Subroutine timeline: what happened in a time, in its order. data: count, by_kind, and rows of item_id, kind, title
and at; where there are more than k (25), the last ones where order is last, and events, photos, places, purchases and mails come before visits. Cites
them. Secret kinds are left out unless one is named.';
