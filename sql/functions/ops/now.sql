create or replace function ops.now()
returns timestamptz
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(nullif(current_setting('datapunk.now', true), '')::timestamptz, now());
end
$$;

comment on function ops.now() is
'The clock that every function reads: the setting datapunk.now where it is set, else the transaction''s start.';
