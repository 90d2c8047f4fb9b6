create or replace view api.recipes
with (security_invoker = true)
as
select r.name, r.summary, r.output, r.options
from forge.recipe as r;

comment on view api.recipes is
'Ways to train a model, each with its options: type, default and meaning.';
