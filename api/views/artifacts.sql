create or replace view api.artifacts
with (security_invoker = true)
as
select
  m.name as model, v.version, a.name, a.media_type, octet_length(a.content) as bytes, a.sha256,
  forge.key_of(a.content) as key
from forge.artifact as a
join forge.version as v on v.owner_id = a.owner_id and v.id = a.version_id
join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id;

comment on view api.artifacts is
'Files of versions: kind, size, hash of the plain content, and the name of the key that they are encrypted with, if
any.';
