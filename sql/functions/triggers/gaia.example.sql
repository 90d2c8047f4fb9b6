create or replace trigger example_added
after insert on gaia.example
referencing new table as changed_example
for each statement execute function gaia.note_examples();

create or replace trigger example_changed
after update on gaia.example
referencing new table as changed_example
for each statement execute function gaia.note_examples();

create or replace trigger example_removed
after delete on gaia.example
referencing old table as changed_example
for each statement execute function gaia.note_examples();

comment on trigger example_added on gaia.example is 'Has routers fitted anew.';
comment on trigger example_changed on gaia.example is 'Has routers fitted anew.';
comment on trigger example_removed on gaia.example is 'Has routers fitted anew.';
