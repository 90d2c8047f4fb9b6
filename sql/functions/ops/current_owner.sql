create or replace function ops.current_owner()
returns text
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner text := coalesce(
    nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''),
    nullif(current_setting('datapunk.owner', true), ''),
    'local'
  );
begin
  if v_owner = 'system' then
    raise exception 'nobody may act as the owner "system"'
      using errcode = '42501', hint = 'It is reserved for what comes with the installation; use another owner.';
  end if;
  return v_owner;
end
$$;

comment on function ops.current_owner() is
'The owner that everything acts as: the claim sub of the token, else the setting datapunk.owner, else ''local''.
Row-level security compares it with owner_id. SQLSTATE 42501 for the reserved owner system.';
