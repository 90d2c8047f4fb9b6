create or replace function api.lake_resolve()
returns table (
  items bigint,
  persons bigint,
  identifiers bigint,
  places bigint,
  threads bigint
)
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items constant bigint := lake.resolve();
begin
  return query
    select
      v_items,
      (select count(*) from lake.person as p where p.owner_id = (select ops.current_owner())),
      (select count(*) from lake.person_identifier as i where i.owner_id = (select ops.current_owner())),
      (select count(*) from lake.place as p where p.owner_id = (select ops.current_owner())),
      (select count(*) from lake.conversation as c where c.owner_id = (select ops.current_owner()));
end
$$;

comment on function api.lake_resolve() is
'Looks up the people, places and conversations of what came since the last time: imports do so themselves, lake_append
does not. Returns how many items it looked at, and how many persons, identifiers, places and threads there are now.
Called again it changes nothing.';
