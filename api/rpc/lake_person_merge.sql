create or replace function api.lake_person_merge(person_ids bigint[])
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_persons constant bigint[] := array(select distinct p.id from unnest(person_ids) as p (id) where p.id is not null);
  v_group constant uuid := gen_random_uuid();
  v_identifiers bigint[];
begin
  if cardinality(v_persons) < 2 then
    perform ops.fail('22023', 'person_ids has fewer than two persons', 'Give two or more keys of the view persons.');
  end if;
  perform lake.lock_people();
  perform lake.check_persons(v_persons);
  v_identifiers := array(
    select i.id from lake.person_identifier as i where i.owner_id = v_owner and i.person_id = any (v_persons)
  );
  -- Whoever was said to be the same as one of them is the same as all of them.
  update lake.person_correction as c
  set group_id = v_group
  where c.owner_id = v_owner and c.group_id in (
    select m.group_id
    from lake.person_correction as m
    join lake.person_identifier as i
      on i.owner_id = m.owner_id and i.type = m.type and i.value_norm = m.value_norm
    where i.owner_id = v_owner and i.id = any (v_identifiers)
  );
  insert into lake.person_correction (owner_id, type, value_norm, group_id, apart)
  select v_owner, i.type, i.value_norm, v_group, false
  from lake.person_identifier as i
  where i.owner_id = v_owner and i.id = any (v_identifiers)
  on conflict on constraint person_correction_pk do nothing;
  perform lake.resolve_persons(v_identifiers, '{}');
  return (select min(i.person_id) from lake.person_identifier as i where i.owner_id = v_owner and i.id = any (v_identifiers));
end
$$;

comment on function api.lake_person_merge(bigint[]) is
'Says that these are one person, whatever the rules say, and that it stays so when their items come again; returns the
key of that person, the least of those given. lake_person_split takes it back. SQLSTATE 22023 for fewer than two, P0002
for an unknown person.';
