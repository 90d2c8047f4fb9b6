create or replace function forge.tell_job()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' or old.status is distinct from new.status then
    perform pg_notify('datapunk_job', new.id || ' ' || new.status);
  end if;
  return null;
end
$$;

comment on function forge.tell_job() is
'Notifies listeners of datapunk_job that a job has another state: its number and the state, nothing else.';
