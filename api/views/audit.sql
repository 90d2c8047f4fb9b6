create or replace view api.audit with (security_invoker = true) as
select a.id, a.at, a.actor, a.action, a.detail
from ops.audit as a;

comment on view api.audit is
'Acts that changed or removed what you keep, as in lake.forget: when, by which role, with what.';
comment on column api.audit.id is 'Key of the entry.';
comment on column api.audit.at is 'When it happened.';
comment on column api.audit.actor is 'Database role that acted.';
comment on column api.audit.action is 'What was done, as in lake.forget.';
comment on column api.audit.detail is 'With what, and how much.';
