create or replace function lake.sensitivities()
returns table (kind text, sensitivity text, preset text)
language sql
stable
parallel safe
security invoker
rows 20
set search_path = pg_catalog, pg_temp
as $$
select d.kind, coalesce(o.sensitivity, d.sensitivity), d.sensitivity
from lake.sensitivity_of_kind as d
left join lake.sensitivity_of_kind as o on o.owner_id = (select ops.current_owner()) and o.kind = d.kind
where d.owner_id = 'system';
$$;

comment on function lake.sensitivities() is
'How confidential each kind of thing is for the current owner; preset is what comes with the installation.';
