create or replace function ops.lent_role()
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The caller's role, which a definer function sees only here: what SET ROLE chose, else who logged in.
  v_role constant text := coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
  if not pg_has_role('datapunk_worker', v_role, 'member') then
    perform ops.fail(
      '42501', format('workers may not act as the role %s', v_role),
      format('Do it as datapunk or datapunk_user, or: grant %I to datapunk_worker.', v_role)
    );
  end if;
  return v_role;
end
$$;

comment on function ops.lent_role() is
'The role whose rights a worker will use for what the caller asks for now.
SQLSTATE 42501 where workers may not act as it.';
