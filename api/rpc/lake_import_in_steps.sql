create or replace procedure api.lake_import_in_steps(
  path text,
  options jsonb default '{}'
)
language plpython3u
as $$
from datapunk.lake import entry
entry.import_in_steps(plpy, GD, path, options)
$$;

comment on procedure api.lake_import_in_steps (text, jsonb) is
'Imports a file or folder of the server as lake_import_path does, and commits each batch: for archives of any size.
What it has come to stands in the view imports meanwhile, and each batch notifies the channel datapunk_import. When it is
cancelled or the server dies, what was committed stays, and the next call with the same file goes on behind the files that
were finished. For the role datapunk_importer; not in a transaction block. 23505 while another session imports that file;
42501, P0002, 22023, DP010, DP011 as lake_import_path.';
