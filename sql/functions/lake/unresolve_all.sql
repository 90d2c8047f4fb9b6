create or replace function lake.unresolve_all()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  truncate lake.person, lake.person_identifier, lake.person_alias, lake.person_item, lake.place, lake.place_item,
    lake.conversation, lake.conversation_item, lake.unresolved;
  return null;
end
$$;

comment on function lake.unresolve_all() is
'Trigger of lake.item: a TRUNCATE empties with it what is derived from the items of all owners. SECURITY DEFINER because
TRUNCATE is no right of people; nobody can truncate lake.item but its owner.';
