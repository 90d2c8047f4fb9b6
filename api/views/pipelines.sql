create or replace view api.pipelines
with (security_invoker = true)
as
select distinct on (p.name)
  p.name, p.version, p.description, jsonb_array_length(p.spec -> 'steps') as steps, p.spec -> 'input' as input,
  exists (
    select from gaia.subroutine as s
    where s.owner_id = p.owner_id and s.name = p.name and s.handler = 'gaia.run_pipeline'
  ) as is_routed,
  (
    select count(*) from gaia.example as e where e.owner_id = p.owner_id and e.subroutine = p.name
  ) as examples,
  p.spec, p.created_at
from gaia.pipeline as p
order by p.name, p.version desc;

comment on view api.pipelines is
'The owner''s pipelines as they run now: inputs, number of steps, whether questions are routed to them.';
