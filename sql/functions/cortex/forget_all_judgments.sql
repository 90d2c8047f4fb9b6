create or replace function cortex.forget_all_judgments()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  truncate cortex.judgment, cortex.recall;
  return null;
end
$$;

comment on function cortex.forget_all_judgments() is
'Trigger of lake.item: a TRUNCATE takes the judgments of all owners with it. SECURITY DEFINER because TRUNCATE is no
right of people; nobody can truncate lake.item but its owner.';
