create or replace view api.subroutines
with (security_invoker = true)
as
select
  s.name, s.handler, s.description, s.input_schema, s.source, s.created_at,
  (
    select count(*)
    from gaia.example as e
    where e.subroutine = s.name and e.owner_id in ((select ops.current_owner()), 'system')
  ) as examples
from gaia.subroutine as s;

comment on view api.subroutines is
'What Gaia can do: subroutines with the function that runs each; source is builtin or user.';
