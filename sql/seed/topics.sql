insert into stream.topic as t (owner_id, name, description)
values
('system', 'lake.item.*', 'New items; the last word is their kind. One message a statement and kind: {kind, count, '
  'item_ids (the first 1000), import_id (null for live records)}.'),
('system', 'forge.version.*', 'A version was trained; the last word is its model, with _ for what no topic may hold. '
  '{model, recipe, version, job_id}.')
on conflict on constraint topic_pk do update set description = excluded.description;
