create or replace function forge.drop_compiled()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_users text;
begin
  execute format('drop function if exists model_sql.%I', old.name);
  return null;
exception when dependent_objects_still_exist then
  get stacked diagnostics v_users = pg_exception_detail;
  perform ops.fail(
    '2BP01', format('the compiled function model_sql.%I is in use', old.name),
    'Drop what the detail names first (a view: drop view NAME), or define it without the function, and repeat. '
    'To keep the figures, copy them: create table ... as select * from the view.',
    v_users
  );
  return null;
end
$$;

comment on function forge.drop_compiled() is
'Trigger of forge.compiled: the function goes with its version. SQLSTATE 2BP01 with what uses it, as a view.';
