create or replace function api.lake_person_split(person_id bigint, identifiers text[])
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_person constant bigint := lake_person_split.person_id;
  v_wanted constant text[] := array(
    select distinct w.identifier from unnest(lake_person_split.identifiers) as w (identifier) where w.identifier is not null
  );
  v_group constant uuid := gen_random_uuid();
  v_all bigint[];
  v_chosen bigint[];
begin
  perform lake.lock_people();
  perform lake.check_persons(array[v_person]);
  select array_agg(i.id), array_agg(i.id) filter (where i.type || ':' || i.value_norm = any (v_wanted))
  into v_all, v_chosen
  from lake.person_identifier as i
  where i.owner_id = v_owner and i.person_id = v_person;
  if v_chosen is null or cardinality(v_chosen) < cardinality(v_wanted) or cardinality(v_chosen) = cardinality(v_all) then
    perform ops.fail(
      '22023', 'identifiers must be some of the person''s, and not all of them',
      'The view person_identifiers lists them, as email:ann@example.com.'
    );
  end if;
  insert into lake.person_correction (owner_id, type, value_norm, group_id, apart)
  select v_owner, i.type, i.value_norm, v_group, true
  from lake.person_identifier as i
  where i.owner_id = v_owner and i.id = any (v_chosen)
  on conflict on constraint person_correction_pk do update
    set group_id = excluded.group_id, apart = true, created_at = excluded.created_at;
  perform lake.resolve_persons(v_all, '{}');
  return (select min(i.person_id) from lake.person_identifier as i where i.owner_id = v_owner and i.id = any (v_chosen));
end
$$;

comment on function api.lake_person_split(bigint, text[]) is
'Says that these identifiers (type:value, as in person_identifiers) are of somebody else: they become a person of their
own, whose key it returns, and no rule joins them with anybody again; lake_person_merge does. What is left is decided by
the rules: persons whom these identifiers alone joined part. SQLSTATE 22023 for identifiers that are not of the person, or
all that it has, P0002 for an unknown person.';
