create or replace trigger item_results_renewed
after update on lake.item
for each statement execute function gaia.drop_results();

create or replace trigger item_results_forgotten
after delete on lake.item
for each statement execute function gaia.drop_results();

create or replace trigger item_results_forgotten_all
after truncate on lake.item
for each statement execute function gaia.drop_all_results();

comment on trigger item_results_renewed on lake.item is 'Takes back what plans keep of items that changed.';
comment on trigger item_results_forgotten on lake.item is 'Takes back what plans keep of deleted items.';
comment on trigger item_results_forgotten_all on lake.item is 'Empties what plans keep with the table.';
