create or replace view api.pipelines
with (security_invoker = true)
as
select distinct on (p.name)
  p.name, p.version, p.description, jsonb_array_length(p.spec -> 'steps') as steps, p.spec -> 'input' as input,
  (
    select count(*) from gaia.example as e where e.owner_id = p.owner_id and e.subroutine = p.name
  ) as examples,
  p.spec, p.created_at
from gaia.pipeline as p
order by p.name asc, p.version desc;

comment on view api.pipelines is
'The owner''s pipelines as they run now: inputs, number of steps, questions that are routed to them.';
