create or replace function lake.secret_kinds()
returns text[]
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- From the table itself, and with a plan that is kept: every search asks for them.
  return array(
    select d.kind
    from lake.sensitivity_of_kind as d
    left join lake.sensitivity_of_kind as o on o.owner_id = (select ops.current_owner()) and o.kind = d.kind
    where d.owner_id = 'system' and coalesce(o.sensitivity, d.sensitivity) = 'secret'
  );
end
$$;

comment on function lake.secret_kinds() is
'The kinds that are secret for the current owner: searches, answers and datasets leave them out unless they are named.';
