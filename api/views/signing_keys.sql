create or replace view api.signing_keys
with (security_invoker = true)
as
select k.public_key as signer, k.created_at
from forge.signing_key as k;

comment on view api.signing_keys is
'The public key of your exports, for others to give to forge_import.';
