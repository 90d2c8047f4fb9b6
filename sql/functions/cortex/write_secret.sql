create or replace function cortex.write_secret(p_name text, p_value text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_value is null then
    delete from cortex.secret as s where s.name = p_name;
    return found;
  end if;
  insert into cortex.secret as s (name, value) values (p_name, p_value)
  on conflict on constraint secret_pk do update set value = excluded.value;
  -- Providers that were refused are asked again at once.
  update cortex.provider as p set retry_at = null, failures = 0 where p.secret = p_name;
  return true;
end
$$;

comment on function cortex.write_secret(text, text) is
'The part of api.cortex_secret_set that writes.';
