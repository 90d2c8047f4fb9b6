create or replace function api.lake_resolve(
  options jsonb default '{}'
)
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
  v_items bigint;
begin
  if jsonb_typeof(options) is distinct from 'object' or options - 'again' <> '{}'
    or coalesce(jsonb_typeof(options -> 'again'), 'null') not in ('boolean', 'null')
  then
    perform ops.fail('22023', 'options must be an object with again alone, true or false', 'As in {"again": true}.');
  end if;
  if options @> '{"again": true}' then
    perform lake.unresolve_owner();
  end if;
  v_items := lake.resolve();
  return query
    select
      v_items,
      (select count(*) from lake.person as p where p.owner_id = (select ops.current_owner())),
      (select count(*) from lake.person_identifier as i where i.owner_id = (select ops.current_owner())),
      (select count(*) from lake.place as p where p.owner_id = (select ops.current_owner())),
      (select count(*) from lake.conversation as c where c.owner_id = (select ops.current_owner()));
end
$$;

comment on function api.lake_resolve(jsonb) is
'Looks up the people, places and conversations of what came since the last time: imports do so themselves, lake_append
does not. Returns how many items it looked at, and how many persons, identifiers, places and threads there are now.
Called again it changes nothing. With again (true) it looks up everything anew, as after a change of
datapunk.phone_region or an upgrade: corrections hold, keys of persons, places and threads change. SQLSTATE 22023.';
