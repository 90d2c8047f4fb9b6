-- What one request may cost. PostgREST applies a role's settings to each of its requests; whoever runs the server may
-- change them by `alter role`, and the load leaves what is set alone.
do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('datapunk_user', 'statement_timeout', '30s'),
      ('datapunk_user', 'idle_in_transaction_session_timeout', '60s'),
      ('datapunk_importer', 'statement_timeout', '1h'),
      ('datapunk_anonymous', 'statement_timeout', '5s')
    ) as w (role, setting, value)
  loop
    if not exists (
      select 1
      from pg_catalog.pg_roles as r, unnest(r.rolconfig) as c (setting)
      where r.rolname = wanted.role and split_part(c.setting, '=', 1) = wanted.setting
    ) then
      execute format('alter role %I set %I = %L', wanted.role, wanted.setting, wanted.value);
    end if;
  end loop;
end
$$;

-- A running PostgREST reads its schema cache and the roles' settings anew.
notify pgrst, 'reload schema';
notify pgrst, 'reload config';
