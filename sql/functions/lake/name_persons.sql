create or replace function lake.name_persons(p_persons bigint[])
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
as $$
with called as materialized (
  select i.person_id, i.type, i.value_norm, a.name, a.name_norm, a.card
  from lake.person_identifier as i
  join lake.person_alias as a on a.owner_id = i.owner_id and a.identifier_id = i.id
  where i.owner_id = (select ops.current_owner()) and i.person_id = any (p_persons)
), chosen as (
  select c.person_id,
    coalesce(
      (array_agg(c.name order by length(c.name) desc, c.name) filter (where c.card and c.name <> ''))[1],
      -- What sends for many, as a service does, is called by none of them.
      case when count(distinct c.name_norm) filter (where c.name <> '') <= 3 then
        (array_agg(c.name order by length(c.name) desc, c.name) filter (where c.name <> ''))[1]
      end,
      (array_agg(
        c.value_norm
        order by array_position(array['email', 'phone', 'chat', 'name', 'contact', 'self'], c.type),
          c.value_norm
      ))[1]
    ) as name
  from called as c
  group by c.person_id
)
update lake.person as p
set name = c.name
from chosen as c
where p.owner_id = (select ops.current_owner()) and p.id = c.person_id and p.id = any (p_persons)
  and p.name <> c.name
$$;

comment on function lake.name_persons(bigint[]) is
'Calls persons by the longest name on a card of theirs, else by the longest with which they are seen, else, and where
there are more than three of these, by an address.';
