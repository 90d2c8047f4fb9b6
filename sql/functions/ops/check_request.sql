create or replace function ops.check_request()
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_view regclass := to_regclass(format('api.%I', split_part(current_setting('request.path', true), '/', 2)));
  v_right text := case current_setting('request.method', true)
    when 'POST' then 'insert' when 'PUT' then 'insert' when 'PATCH' then 'update' when 'DELETE' then 'delete'
  end;
begin
  if current_user = 'datapunk_anonymous' then
    return;
  end if;
  -- A token without a subject would act as the database's default owner.
  if coalesce(btrim(v_claims ->> 'sub'), '') = '' then
    perform ops.fail('42501', 'the token names no subject', 'Sign it with the claim sub: the owner to act as.');
  end if;
  perform ops.current_owner();
  -- PostgreSQL finds that a view cannot be written before it looks at rights, which would be status 500.
  if v_right is not null and v_view is not null and not has_table_privilege(v_view, v_right)
    and (v_right = 'delete' or not has_any_column_privilege(v_view, v_right))
  then
    perform ops.fail('42501', format('%s cannot be written', v_view), 'Views are for reading; functions change data.');
  end if;
end
$$;

comment on function ops.check_request() is
'What PostgREST runs before each request: refuses tokens that do not say whom they act for, and writing to views,
but for those few whose rows their owner may correct. SQLSTATE 42501.';
