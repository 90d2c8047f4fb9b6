create or replace function forge.keep_signing_key(p_private_key bytea, p_public_key text)
returns bytea
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
insert into forge.signing_key as k (private_key, public_key)
values (p_private_key, p_public_key)
on conflict on constraint signing_key_pk do update set public_key = k.public_key
returning k.private_key;
$$;

comment on function forge.keep_signing_key(bytea, text) is
'Keeps the owner''s first signing key and returns it, whatever is offered later.';
