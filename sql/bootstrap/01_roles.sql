-- Roles belong to the whole cluster: another database of it may have made them already.
do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('datapunk_owner', 'nologin'),
      ('datapunk_user', 'nologin'),
      ('datapunk_anonymous', 'nologin'),
      ('datapunk_importer', 'nologin'),
      ('datapunk_indexer', 'nologin'),
      ('datapunk_worker', 'login noinherit'),
      ('datapunk_authenticator', 'login noinherit'),
      ('datapunk', 'login')
    ) as r (name, attributes)
  loop
    begin
      execute format('create role %I %s', wanted.name, wanted.attributes);
    exception
      when duplicate_object or unique_violation then
        -- Made by an earlier or a concurrent installation.
        null;
    end;
  end loop;
end
$$;

grant datapunk_anonymous, datapunk_user, datapunk_importer to datapunk_authenticator;
-- Who may import files of the server may also do what people may.
grant datapunk_user to datapunk_importer;
grant datapunk_user, datapunk_importer to datapunk;
-- A worker reads a dataset with its caller's rights, by SET ROLE; it inherits nothing.
grant datapunk_user, datapunk to datapunk_worker;
-- A worker builds vector indexes concurrently, which only a table's owner may, outside of any function.
grant datapunk_indexer to datapunk_worker, datapunk_owner;
-- For functions that tell how far an index is.
grant pg_read_all_stats to datapunk_owner;

comment on role datapunk_owner is 'Owns the objects of Datapunk; nobody logs in as it.';
comment on role datapunk_user is 'People: uses the functions and views of schema api, sees its own rows.';
comment on role datapunk_anonymous is 'HTTP requests without a token: may do nothing but ask for health.';
comment on role datapunk_importer is 'May import files that lie on the server.';
comment on role datapunk_indexer is 'Owns the partitions of embeddings, to index them; nobody logs in as it.';
comment on role datapunk_worker is 'Worker processes: claim messages and jobs, write results by functions.';
comment on role datapunk_authenticator is 'PostgREST logs in as it and switches to the role of the token.';
comment on role datapunk is 'The person whose server it is: owns the database, sees rows of the owner that is set.';

-- Lets the database's owner keep these settings with `alter database ... set`.
grant set on parameter
datapunk.owner, datapunk.timezone, datapunk.language, datapunk.now, datapunk.inference, datapunk.import_dirs
to datapunk;
