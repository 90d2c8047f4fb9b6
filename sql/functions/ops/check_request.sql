create or replace function ops.check_request()
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
  -- A token without a subject would act as the database's default owner.
  if current_user <> 'datapunk_anonymous' and coalesce(btrim(v_claims ->> 'sub'), '') = '' then
    perform ops.fail('42501', 'the token names no subject', 'Sign it with the claim sub: the owner to act as.');
  end if;
  perform ops.current_owner();
end
$$;

comment on function ops.check_request() is
'What PostgREST runs before each request: refuses tokens that do not say whom they act for. SQLSTATE 42501.';
