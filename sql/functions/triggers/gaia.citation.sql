create or replace trigger citation_asked_first
after insert on gaia.citation
referencing new table as new_citation
for each statement execute function cortex.ask_first();

comment on trigger citation_asked_first on gaia.citation is 'Has the texts that answers named embedded before others.';
