create or replace function forge.dataset_time()
returns timestamptz
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('datapunk.as_of', true), '')::timestamptz, 'infinity')
$$;

comment on function forge.dataset_time() is
'The time as of which a dataset is read: what came to the lake later is not seen. Infinity where none was named.';
