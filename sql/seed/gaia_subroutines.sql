-- The subroutines that come with the installation. Those about items read the parameters of gaia.matching_items.
with shared (input_schema) as (
  values (
    '{"kind": "string", "since": "string", "until": "string", "weekday": "array", "from_hour": "integer",
      "to_hour": "integer", "channel": "array", "site": "array", "place": "array", "person": "array", "not": "object",
      "direction": "string", "topic": "string"}'::jsonb
  )
), wanted (name, handler, description, input_schema) as (
  values
  ('search', 'gaia.search', 'Finds the passages that answer a question and quotes them.',
   '{"question": "string", "k": "integer"}'::jsonb),
  ('count', 'gaia.count', 'Counts things, their days, hours, averages and shares.',
   '{"measure": "string", "unit": "string", "group_by": "string", "at_least": "integer", "at_most": "integer"}'),
  ('top', 'gaia.top', 'Ranks channels, sites, searches or people by how often they come up.',
   '{"group_by": "string", "k": "integer", "at_least": "integer", "at_most": "integer"}'),
  ('when', 'gaia.when_happened', 'Tells when something happened: first, last or next time, and how long ago.',
   '{"order": "string"}'),
  ('timeline', 'gaia.timeline', 'Tells what happened on a day or in a time, in its order.', '{"k": "integer"}'),
  ('compare', 'gaia.compare', 'Compares two times, people, channels or sites.',
   '{"sides": "array", "measure": "string"}'),
  ('trend', 'gaia.trend', 'Tells how something changes by week, month or year.', '{"unit": "string"}'),
  ('summarize', 'gaia.summarize', 'Sums up mails, messages and notes in their own sentences.', '{"k": "integer"}'),
  ('similar', 'gaia.similar', 'Finds what is like a thing that you name.', '{"quoted": "string", "k": "integer"}'),
  ('people', 'gaia.people', 'Tells who wrote about something, or who was there.',
   '{"present": "boolean", "k": "integer"}'),
  ('places', 'gaia.places', 'Ranks the places where you were.', '{"k": "integer"}'),
  ('next', 'gaia.next', 'Tells what comes next in the calendar.', '{"k": "integer"}'),
  ('recommend', 'gaia.recommend', 'Recommends something by the newest deployed recommender.',
   '{"model": "string", "k": "integer"}'),
  ('forecast', 'gaia.forecast', 'Forecasts by the newest deployed forecaster.',
   '{"model": "string", "k": "integer"}'),
  ('anomalies', 'gaia.anomalies', 'Finds what is unusual by the newest deployed anomaly detector.',
   '{"model": "string", "k": "integer"}'),
  ('sentiment', 'gaia.sentiment', 'Tells the mood of texts by the newest deployed model for it.',
   '{"model": "string", "k": "integer"}'),
  ('entities', 'gaia.entities', 'Finds the names in texts by the newest deployed model for it.',
   '{"model": "string", "k": "integer"}'),
  ('profile', 'gaia.profile', 'Tells what there is about you.', '{}'),
  ('predict', 'gaia.predict', 'Asks a model that you trained.', '{"model": "string", "quoted": "string"}'),
  ('explain', 'gaia.explain_answer', 'Explains how the answer before came about.', '{"conversation_id": "string"}'),
  ('remember', 'gaia.remember', 'Keeps a note for you.', '{"note": "string"}'),
  ('forget', 'gaia.forget_notes', 'Deletes a note that you gave.', '{"note": "string"}'),
  ('help', 'gaia.help', 'Tells what can be asked.', '{"subroutine": "string"}')
)
insert into gaia.subroutine as s (owner_id, name, handler, description, input_schema, source)
select
  'system' as owner_id, w.name, w.handler, w.description, t.input_schema || w.input_schema as input_schema,
  'builtin' as source
from wanted as w
cross join shared as t
on conflict on constraint subroutine_name_uq do update
  set handler = excluded.handler, description = excluded.description, input_schema = excluded.input_schema
  where (s.handler, s.description, s.input_schema)
    is distinct from (excluded.handler, excluded.description, excluded.input_schema);
