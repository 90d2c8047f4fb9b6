insert into forge.recipe (name, summary, output, options)
values
(
  'recommender',
  'What goes with what was had: item weights by EASE, beside popularity. Dataset: subject, item, time.',
  'ranking',
  '{
  "subject": {"type": "text", "meaning": "Column that says who; the first one unless given."},
  "item": {"type": "text", "meaning": "Column that says what; the second one unless given."},
  "time": {"type": "text", "meaning": "Column that says when; else the first timestamp column."},
  "weight": {"type": "text", "meaning": "Column that says how much; all rows count the same unless given."},
  "session": {"type": "text", "default": "auto", "meaning": "With one subject only (a person''s own data), rows without a longer pause than this belong together, as in 8 hours; auto takes 8 hours, none never splits."},
  "max_items": {"type": "integer", "default": 4000, "minimum": 10, "maximum": 20000, "meaning": "Items that are learned, the most common first; memory grows with its square."},
  "neighbours": {"type": "integer", "default": 200, "minimum": 1, "maximum": 1000, "meaning": "Neighbours kept for each item."},
  "regularization": {"type": "number", "minimum": 0.001, "meaning": "Strength of the L2 penalty; chosen on held-out data unless given."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "time", "meaning": "How rows are held out for the metrics."},
  "test_size": {"type": "number", "default": 0.2, "minimum": 0.05, "maximum": 0.5, "meaning": "Share of the rows that is held out."},
  "seed": {"type": "integer", "default": 0, "minimum": 0, "maximum": 2147483647, "meaning": "Seed of all random numbers; the same data and seed give the same metrics."},
  "timeout": {"type": "integer", "default": 3600, "minimum": 1, "maximum": 86400, "meaning": "Seconds that an attempt may take."},
  "memory_mb": {"type": "integer", "default": 2048, "minimum": 128, "maximum": 1048576, "meaning": "Memory that an attempt may use, in MiB."},
  "cpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 256, "meaning": "Threads that an attempt may use."},
  "max_retries": {"type": "integer", "default": 3, "minimum": 0, "maximum": 10, "meaning": "Further attempts after one that can succeed when it is made again, as when its worker went away."},
  "deploy": {"type": "text", "allowed": ["best", "always", "never"], "default": "best", "meaning": "When the version is deployed: best means that it beats the deployed one on the primary metric."}
}'
),
(
  'text_classifier',
  'A label for a text: logistic regression on embeddings, beside the majority label. Dataset: text, label.',
  'label',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "label", "meaning": "Column that holds the label."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the texts."},
  "balanced": {"type": "boolean", "default": false, "meaning": "Whether rare labels weigh as much as common ones."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "random", "meaning": "How rows are held out for the metrics."},
  "test_size": {"type": "number", "default": 0.2, "minimum": 0.05, "maximum": 0.5, "meaning": "Share of the rows that is held out."},
  "seed": {"type": "integer", "default": 0, "minimum": 0, "maximum": 2147483647, "meaning": "Seed of all random numbers; the same data and seed give the same metrics."},
  "timeout": {"type": "integer", "default": 3600, "minimum": 1, "maximum": 86400, "meaning": "Seconds that an attempt may take."},
  "memory_mb": {"type": "integer", "default": 2048, "minimum": 128, "maximum": 1048576, "meaning": "Memory that an attempt may use, in MiB."},
  "cpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 256, "meaning": "Threads that an attempt may use."},
  "max_retries": {"type": "integer", "default": 3, "minimum": 0, "maximum": 10, "meaning": "Further attempts after one that can succeed when it is made again, as when its worker went away."},
  "deploy": {"type": "text", "allowed": ["best", "always", "never"], "default": "best", "meaning": "When the version is deployed: best means that it beats the deployed one on the primary metric."}
}'
),
(
  'router',
  'Which subroutine of Gaia a question is for: logistic regression on meaning and wording, beside the nearest example. Dataset: subroutine, text.',
  'label',
  '{
  "text": {"type": "text", "default": "text", "meaning": "Column that holds the text."},
  "target": {"type": "text", "default": "subroutine", "meaning": "Column that holds the subroutine, none for what is out of scope."},
  "embedder": {"type": "text", "default": "all-MiniLM-L6-v2", "meaning": "Model that embeds the texts."},
  "split": {"type": "text", "allowed": ["time", "random"], "default": "random", "meaning": "How rows are held out for the metrics."},
  "test_size": {"type": "number", "default": 0.2, "minimum": 0.05, "maximum": 0.5, "meaning": "Share of the rows that is held out."},
  "seed": {"type": "integer", "default": 0, "minimum": 0, "maximum": 2147483647, "meaning": "Seed of all random numbers; the same data and seed give the same metrics."},
  "timeout": {"type": "integer", "default": 3600, "minimum": 1, "maximum": 86400, "meaning": "Seconds that an attempt may take."},
  "memory_mb": {"type": "integer", "default": 2048, "minimum": 128, "maximum": 1048576, "meaning": "Memory that an attempt may use, in MiB."},
  "cpus": {"type": "integer", "default": 1, "minimum": 1, "maximum": 256, "meaning": "Threads that an attempt may use."},
  "max_retries": {"type": "integer", "default": 3, "minimum": 0, "maximum": 10, "meaning": "Further attempts after one that can succeed when it is made again, as when its worker went away."},
  "deploy": {"type": "text", "allowed": ["best", "always", "never"], "default": "best", "meaning": "When the version is deployed: best means that it beats the deployed one on the primary metric."}
}'
)
on conflict (name) do update
  set summary = excluded.summary, output = excluded.output, options = excluded.options;
