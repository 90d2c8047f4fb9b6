create or replace view api.pii_scans
with (security_invoker = true)
as
select
  s.item_id,
  s.owner_id,
  s.state,
  s.raised,
  s.attempts,
  s.error,
  s.model,
  s.scanned_at
from lake.pii_scan as s;

comment on view api.pii_scans is 'Which of your items were looked through for personal data, wait for it, or failed.';
comment on column api.pii_scans.item_id is 'The item, as in items.';
comment on column api.pii_scans.owner_id is 'Whose it is.';
comment on column api.pii_scans.state is 'waiting, done or failed.';
comment on column api.pii_scans.raised is 'Whether it became private by what was found.';
comment on column api.pii_scans.attempts is 'How often a worker took it.';
comment on column api.pii_scans.error is 'Why it failed.';
comment on column api.pii_scans.model is 'Pipeline of spaCy that looked for names; empty for none.';
comment on column api.pii_scans.scanned_at is 'When it was looked through.';
