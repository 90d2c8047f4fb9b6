create or replace function ops.audit_write(p_action text, p_detail jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into ops.audit (actor, action, detail)
  values (
    coalesce(nullif(current_setting('role', true), 'none'), session_user),
    p_action,
    coalesce(p_detail, '{}'::jsonb)
  );
$$;

comment on function ops.audit_write(text, jsonb) is
'Notes in ops.audit, for the current owner, who did what and how much. It is the only way to write there.';
