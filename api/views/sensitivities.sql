create or replace view api.sensitivities
with (security_invoker = true)
as
select s.kind, s.sensitivity, s.preset as "default"
from lake.sensitivities() as s;

comment on view api.sensitivities is
'How confidential each kind of thing is: public, personal, private or secret. lake_classify changes it.';
comment on column api.sensitivities.kind is 'Kind of item; also position and measurement.';
comment on column api.sensitivities.sensitivity is 'What holds for you.';
comment on column api.sensitivities."default" is 'What comes with the installation.';
