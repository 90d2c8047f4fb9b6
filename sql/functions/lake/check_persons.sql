create or replace function lake.check_persons(p_persons bigint[])
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown bigint;
  v_missing boolean;
begin
  select w.id, true into v_unknown, v_missing
  from unnest(p_persons) as w (id)
  where not exists (
    select from lake.person as p where p.owner_id = (select ops.current_owner()) and p.id = w.id
  )
  limit 1;
  if v_missing then
    perform ops.fail(
      'P0002', format('no person %s', coalesce(v_unknown::text, 'without a key')), 'The view persons lists them.'
    );
  end if;
end
$$;

comment on function lake.check_persons(bigint[]) is
'Raises P0002 unless the owner has all these persons.';
