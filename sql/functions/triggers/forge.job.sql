create or replace trigger job_told
after insert or update of status on forge.job
for each row execute function forge.tell_job();
