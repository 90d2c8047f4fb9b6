create or replace trigger job_told_new
after insert on forge.job
for each row execute function forge.tell_job();

create or replace trigger job_told
after update of status on forge.job
for each row when (old.status is distinct from new.status) execute function forge.tell_job();
