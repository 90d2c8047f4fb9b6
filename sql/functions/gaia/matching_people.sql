create or replace function gaia.matching_people(p_parameters jsonb)
returns table (id bigint, occurred_at timestamptz, person text)
language sql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
with own as materialized (
  select n.value as name from gaia.name as n where n.owner_id = (select ops.current_owner()) and n.token = '' and n.field = 'self'
), asked as materialized (
  -- The direction that the parameters give is that of each mail found.
  select a.kind, case when a.kind = 'mail' then a.direction = 'sent' end as sent
  from (select p_parameters ->> 'kind' as kind, p_parameters ->> 'direction' as direction) as a
), matching as materialized (
  select m.id, m.occurred_at, m.attributes, coalesce(
    (select a.sent from asked as a),
    m.attributes -> 'labels' ?| array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados'], false
  ) as sent
  from gaia.matching_items(p_parameters || '{"group_by": "person"}') as m
)
select m.id, m.occurred_at, m.attributes ->> 'sender'
from matching as m
where (select a.kind from asked as a) in ('mail', 'message') and not m.sent and m.attributes ->> 'sender' is not null
union all
select m.id, m.occurred_at, r.name
from matching as m
cross join lateral jsonb_array_elements_text(m.attributes -> 'recipient_names') as r (name)
where (select a.kind from asked as a) in ('mail', 'message') and m.sent and r.name not in (select o.name from own as o)
union all
select m.id, m.occurred_at, t.name
from matching as m
cross join lateral jsonb_array_elements_text(m.attributes -> 'attendees') as t (name)
where (select a.kind from asked as a) = 'event' and t.name not in (select o.name from own as o);
$$;

comment on function gaia.matching_people(jsonb) is
'The people behind the items that a question is about: who sent the owner a mail, to whom the owner wrote, who took
part in an event, without the owner. p_parameters as for gaia.matching_items.';
