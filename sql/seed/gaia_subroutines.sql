-- The subroutines that come with the installation.
with wanted (name, handler, description, input_schema) as (
  values
  ('search', 'gaia.search', 'Finds the passages that answer a question and quotes them.',
   '{"question": "string", "kind": "string", "since": "string", "until": "string", "k": "integer"}'::jsonb),
  ('count', 'gaia.count', 'Counts items of a kind, by time, name and topic.',
   '{"kind": "string", "since": "string", "until": "string", "channel": "array", "site": "array",
     "person": "array", "direction": "string", "topic": "string"}'::jsonb),
  ('top', 'gaia.top', 'Ranks channels, sites, searches or people by how often they come up.',
   '{"kind": "string", "group_by": "string", "since": "string", "until": "string",
     "topic": "string", "k": "integer"}'::jsonb),
  ('when', 'gaia.when_happened', 'Tells when something happened: first, last or next time.',
   '{"kind": "string", "order": "string", "channel": "array", "site": "array", "person": "array",
     "topic": "string"}'::jsonb),
  ('recommend', 'gaia.recommend', 'Recommends something by the newest deployed recommender.',
   '{"model": "string", "k": "integer"}'::jsonb)
)
insert into gaia.subroutine as s (owner_id, name, handler, description, input_schema, source)
select 'system' as owner_id, w.name, w.handler, w.description, w.input_schema, 'builtin' as source
from wanted as w
on conflict on constraint subroutine_name_uq do update
  set handler = excluded.handler, description = excluded.description, input_schema = excluded.input_schema
  where (s.handler, s.description, s.input_schema)
    is distinct from (excluded.handler, excluded.description, excluded.input_schema);
