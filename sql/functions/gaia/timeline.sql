create or replace function gaia.timeline(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds constant jsonb := case when p_parameters ->> 'kind' is null then jsonb_build_object('kinds', array(
    select k.kind from gaia.held_kinds() as k (kind) where k.kind <> all ((select lake.secret_kinds())::text[])
  )) else '{}'::jsonb end;
begin
  return (
    with found as materialized (
      select m.id, m.occurred_at, m.kind from gaia.matching_items(p_parameters || v_kinds) as m
    ), placed as (
      select f.id, f.occurred_at, f.kind,
        -- What a person enters or writes tells more of a day than each page.
        row_number() over (
          order by f.kind in ('event', 'photo', 'place_visit', 'purchase', 'mail', 'note') desc, f.kind <> 'event',
            case when p_parameters ->> 'order' = 'last' then f.occurred_at end desc, f.occurred_at, f.id
        ) as rank
      from found as f
    ), kept as (
      select p.id, p.occurred_at, i.title, p.kind, row_number() over (order by p.occurred_at, p.id) as place
      from placed as p
      cross join lateral (
        select i.title from lake.item as i where i.owner_id = (select ops.current_owner()) and i.id = p.id limit 1
      ) as i
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
