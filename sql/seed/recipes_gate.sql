-- How a version is judged against the one that answers: the same for every recipe.
update forge.recipe as r
set options = r.options || '{
  "gate": {"type": "text", "allowed": ["better", "confident", "not_worse"], "default": "better", "meaning": "What deploy = best asks of the gain over the deployed version on the same held-out rows, texts, events, subjects or series: better than gate_margin; confident that it is (the lower end of its 95 % interval); or not_worse (the upper end). Where there is nothing to compare by, not_worse takes the newer one, the others keep the deployed one."},
  "gate_margin": {"type": "number", "default": 0, "minimum": -1, "maximum": 1, "meaning": "Gain in the primary metric that the gate asks for."}
}';
-- A forecast ages: unless it is seen to be worse, the newer one is of more use.
update forge.recipe as r
set options = jsonb_set(r.options, '{gate, default}', '"not_worse"')
where r.name = 'forecaster';
