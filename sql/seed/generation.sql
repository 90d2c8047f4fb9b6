-- The first generation is that of the default model; later ones come by cortex_switch.
with created as (
  select cortex.create_generation('all-MiniLM-L6-v2', 384) as id
  where not exists (select from cortex.generation)
)
select cortex.activate_generation(c.id)
from created as c;
