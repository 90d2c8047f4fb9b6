create or replace view api.audit with (security_invoker = true) as
select a.id, a.at, a.actor, a.action, a.detail
from ops.audit as a;

comment on view api.audit is
'Acts that changed or removed what you keep, as in lake.forget: when, by which role, with what.';
