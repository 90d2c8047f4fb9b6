create or replace view api.examples
with (security_invoker = true)
as
select e.subroutine, e.text, e.source, e.language
from gaia.example as e;

comment on view api.examples is
'Questions that teach the router; subroutine is none for those that nothing answers. A data set for forge_train.';
