create or replace trigger drop_compiled
after delete on forge.compiled
for each row execute function forge.drop_compiled();
