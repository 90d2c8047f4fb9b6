-- A router learns from examples, those that feedback made among them.
update forge.recipe as r
set growth = 'gaia.examples_since', options = r.options || '{
  "tune": {"type": "number", "default": 0, "minimum": 0, "maximum": 3600, "meaning": "Seconds at most in which the embedder is tuned on the examples first, 0 for not at all; the version has an embedder of its own then."}
}'
where r.name = 'router';
