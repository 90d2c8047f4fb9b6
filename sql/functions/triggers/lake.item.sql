create or replace trigger item_indexed
after insert on lake.item
referencing new table as new_item
for each statement execute function cortex.index_items();

create or replace trigger item_published
after insert on lake.item
referencing new table as new_item
for each statement execute function stream.publish_items();

create or replace trigger item_reindexed
after update on lake.item
referencing old table as old_item new table as new_item
for each statement execute function cortex.index_items();

create or replace trigger item_unindexed
after delete on lake.item
referencing old table as old_item
for each statement execute function cortex.unindex_items();

create or replace trigger item_unindexed_all
after truncate on lake.item
for each statement execute function cortex.unindex_all();

-- What items tell of people, places and conversations (lake.resolve).
create or replace trigger item_noted
after insert on lake.item
referencing new table as new_item
for each statement execute function lake.note_items();

create or replace trigger item_unresolved
after delete on lake.item
referencing old table as old_item
for each statement execute function lake.unresolve_items();

create or replace trigger item_renoted
after update on lake.item
referencing old table as old_item new table as new_item
for each statement execute function lake.unresolve_items();

create or replace trigger item_unresolved_all
after truncate on lake.item
for each statement execute function lake.unresolve_all();

comment on trigger item_indexed on lake.item is 'Makes new items findable in the same transaction.';
comment on trigger item_published on lake.item is 'Tells who subscribed to the kinds of the new items.';
comment on trigger item_reindexed on lake.item is 'Follows what items say now.';
comment on trigger item_unindexed on lake.item is 'Takes deleted items out of the index.';
comment on trigger item_unindexed_all on lake.item is 'Empties the index with the table.';

create or replace trigger item_versioned
after update on lake.item
referencing old table as old_item new table as new_item
for each statement execute function lake.keep_versions();

create or replace trigger item_versions_forgotten
after delete on lake.item
referencing old table as old_item
for each statement execute function lake.keep_versions();

comment on trigger item_versioned on lake.item is 'Keeps what a later edit replaces.';
comment on trigger item_versions_forgotten on lake.item is 'Lets earlier states go with their item.';
comment on trigger item_noted on lake.item is 'Notes new items for lake.resolve.';
comment on trigger item_unresolved on lake.item is 'Takes back what deleted items say of people and places.';
comment on trigger item_renoted on lake.item is 'Takes back what changed items said, and notes them for lake.resolve.';
comment on trigger item_unresolved_all on lake.item is 'Empties what is derived from items with the table.';

create or replace trigger item_judgments_forgotten
after delete on lake.item
referencing old table as old_item
for each statement execute function cortex.forget_judgments();

comment on trigger item_judgments_forgotten on lake.item is 'Lets judgments go with the items that they judge.';

create or replace trigger item_judgments_emptied
after truncate on lake.item
for each statement execute function cortex.forget_all_judgments();

comment on trigger item_judgments_emptied on lake.item is 'Empties the judgments with the table.';

create or replace trigger item_pii_noted
after insert on lake.item
referencing new table as new_item
for each statement execute function lake.note_pii();

create or replace trigger item_pii_renoted
after update on lake.item
referencing old table as old_item new table as new_item
for each statement execute function lake.note_pii();

create or replace trigger item_pii_forgotten
after delete on lake.item
referencing old table as old_item
for each statement execute function lake.note_pii();

create or replace trigger item_pii_forgotten_all
after truncate on lake.item
for each statement execute function lake.note_pii();

comment on trigger item_pii_noted on lake.item is 'Has new items looked through for personal data, where that is on.';
comment on trigger item_pii_renoted on lake.item is 'Has changed items looked through again.';
comment on trigger item_pii_forgotten on lake.item is 'Lets what was found go with its item.';
comment on trigger item_pii_forgotten_all on lake.item is 'Empties what was found with the table.';
