create or replace function forge.drop_compiled()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('drop function if exists model_sql.%I', old.name);
  return null;
end
$$;

comment on function forge.drop_compiled() is
'Trigger of forge.compiled: the function goes with its version.';
