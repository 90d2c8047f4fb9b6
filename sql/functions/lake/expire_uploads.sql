create or replace function lake.expire_uploads()
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
with gone as (
  delete from lake.upload as u
  where u.expires_at <= now()
  returning u.id
)
select count(*) from gone
$$;

comment on function lake.expire_uploads() is
'Throws away uploads whose time is over, of every owner, with their chunks; returns how many. The policy `expired` of
lake.upload shows nothing else to it.';
