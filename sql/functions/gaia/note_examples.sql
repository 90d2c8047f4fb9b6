create or replace function gaia.note_examples()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into gaia.example_state as s (owner_id, changes)
  select distinct c.owner_id, 1 from changed_example as c
  on conflict on constraint example_state_pk do update set changes = s.changes + 1;
  return null;
end
$$;

comment on function gaia.note_examples() is
'Trigger of gaia.example: counts the changes of each owner''s examples, by which a router knows that it is to be fitted
anew.';
