-- A model for each group, with one for all rows that answers for the others.
update forge.recipe as r
set options = r.options || '{
  "group": {"type": "text", "meaning": "Column whose rows stay together where split is group; with group_models, the one whose values get a model each."},
  "group_models": {"type": "boolean", "default": false, "meaning": "Whether each value of the column group gets a model of its own; the model of all rows answers for the others."},
  "group_rows": {"type": "integer", "default": 100, "minimum": 20, "maximum": 10000000, "meaning": "Rows that a group needs for a model of its own."}
}'
where r.name in ('classifier', 'regressor');
-- Trials that are drawn together can run at the same time (docs/how-to/train.md, Ray).
update forge.recipe as r
set options = r.options || '{
  "trials_at_once": {"type": "integer", "default": 1, "minimum": 1, "maximum": 64, "meaning": "Trials that a search draws together, without what the others find; they can run at the same time on a Ray cluster."}
}'
where r.name in ('classifier', 'regressor', 'next_event');
