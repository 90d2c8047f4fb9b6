create schema if not exists ops authorization datapunk_owner;
create schema if not exists lake authorization datapunk_owner;
create schema if not exists stream authorization datapunk_owner;
create schema if not exists cortex authorization datapunk_owner;
create schema if not exists gaia authorization datapunk_owner;
create schema if not exists forge authorization datapunk_owner;
create schema if not exists model_sql authorization datapunk_owner;
create schema if not exists api authorization datapunk_owner;

-- An index lies in the schema of its table.
grant usage, create on schema cortex to datapunk_indexer;

comment on schema ops is 'Owners, settings, audit, health, version and the clock.';
comment on schema lake is 'What a person did, wrote, got and kept, as items; imports and what they could not read.';
comment on schema stream is 'Topics and queues over pgmq.';
comment on schema cortex is 'Texts, their lexical index and embeddings.';
comment on schema gaia is 'Subroutines, routing, conversations and answers.';
comment on schema forge is 'Jobs, models, versions and what they learned.';
comment on schema model_sql is 'Functions that forge_compile makes of models, one for each version.';
comment on schema api is 'Datapunk: a person''s own AI. Functions and views for people, BI tools and HTTP clients.';

alter default privileges for role datapunk_owner revoke execute on functions from public;

-- A dataset query runs with its caller's rights; with set_config it could act as another owner.
revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
grant execute on function pg_catalog.set_config(text, text, boolean)
to datapunk_authenticator, datapunk_worker, datapunk;
