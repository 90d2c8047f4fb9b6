create or replace view api.settings with (security_invoker = true) as
select
  s.name,
  case s.name
    when 'datapunk.owner' then ops.current_owner()
    else coalesce(nullif(current_setting(s.name, true), ''), s.preset)
  end as value,
  s.preset as "default",
  s.meaning
from (values
  ('datapunk.owner', 'local', 'Who everything acts as in this session, unless a token says so.'),
  ('datapunk.timezone', 'UTC', 'Time zone of the owner (IANA name): what "yesterday" and "8 o''clock" mean.'),
  (
    'datapunk.phone_region', '',
    'Country (ISO 3166) of telephone numbers without a country code; empty: that of the time zone. After a change:
lake_resolve(''{"again": true}'').'
  ),
  ('datapunk.language', 'en', 'Language of the owner (ISO 639-1).'),
  ('datapunk.now', '', 'Fixes the clock at an instant; empty: the clock runs.'),
  ('datapunk.inference', 'auto', 'auto: the model host, else this process; resident: the host alone; in_process.'),
  ('datapunk.host_socket', '', 'Unix socket of the model host.'),
  (
    'datapunk.index_at_once', '2000',
    'Statements that insert more items than this leave the lexical index to a worker, where one runs.'
  ),
  ('datapunk.import_dirs', '', 'Folders on the server that lake_import_path may read, separated by colons.'),
  ('datapunk.pii', 'off', 'on: new items are looked through for personal data by a worker (the view pii).'),
  ('datapunk.pii_model', 'auto', 'Pipeline of spaCy that finds names in them, auto (one that is installed) or none.'),
  ('datapunk.pii_score', '0.4', 'How sure a find must be, from 0 to 1.'),
  ('datapunk.pii_private', 'CREDIT_CARD,IBAN_CODE', 'Types that make an item private, separated by commas, or none.'),
  ('datapunk.watts_a_core', '10', 'Watts that a busy processor core is taken to draw, for the energy in model cards.')
) as s (name, preset, meaning);

comment on view api.settings is
'Settings of Datapunk as they are in this session: name, value, default, meaning.
Change one by `set datapunk.timezone = ''Europe/Berlin''` or, for good, by `alter database ... set`.';
comment on column api.settings.name is 'Name of the setting.';
comment on column api.settings.value is 'Its value in this session; the default where it is not set.';
comment on column api.settings."default" is 'What holds where it is not set.';
comment on column api.settings.meaning is 'What it changes.';
