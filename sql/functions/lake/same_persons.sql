create or replace function lake.same_persons(p_identifiers bigint[])
returns bigint[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
select array(
  select i.id
  from lake.person_identifier as i
  where i.owner_id = (select ops.current_owner()) and i.id = any (p_identifiers)
  union
  select i.id
  from lake.person_identifier as i
  where i.owner_id = (select ops.current_owner()) and i.person_id = any (array(
    select g.person_id
    from lake.person_identifier as g
    where g.owner_id = (select ops.current_owner()) and g.id = any (p_identifiers)
  ))
)
$$;

comment on function lake.same_persons(bigint[]) is
'These identifiers, as far as they exist, with all others of the same persons.';
