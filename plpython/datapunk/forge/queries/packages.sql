-- name: version_package (bigint)
select forge.version_package($1) as package

-- name: signers ()
select k.public_key as signer
from forge.signing_key as k
where k.owner_id = (select ops.current_owner())

-- name: signing_key ()
select k.private_key
from forge.signing_key as k
where k.owner_id = (select ops.current_owner())

-- name: keep_signing_key (bytea, text)
select forge.keep_signing_key($1, $2) as private_key

-- name: import_version (jsonb, text, text, text[], bytea[])
select forge.import_version($1, $2, $3, $4, $5) as version
