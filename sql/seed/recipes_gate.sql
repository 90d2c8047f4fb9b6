-- How a version is judged against the one that answers: the same for every recipe whose versions are compared.
update forge.recipe as r
set options = r.options || '{
  "gate": {"type": "text", "allowed": ["better", "confident", "not_worse"], "default": "better", "meaning": "What deploy = best asks of the gain over the deployed version on the same held-out rows, subjects or series: better than gate_margin; confident that it is (the lower end of its 95 % interval); or not_worse (the upper end)."},
  "gate_margin": {"type": "number", "default": 0, "minimum": -1, "maximum": 1, "meaning": "Gain in the primary metric that the gate asks for."}
}'
where r.name in ('classifier', 'regressor', 'router', 'text_classifier', 'sentiment', 'recommender', 'forecaster');
