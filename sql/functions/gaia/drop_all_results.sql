create or replace function gaia.drop_all_results()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  truncate gaia.step_result;
  return null;
end
$$;

comment on function gaia.drop_all_results() is
'Trigger of lake.item: a TRUNCATE empties the kept results of all owners with it. SECURITY DEFINER because TRUNCATE is
no right of people; nobody can truncate lake.item but its owner.';
