-- name: settings ()
select
  current_setting('datapunk.inference', true) as inference,
  current_setting('datapunk.host_socket', true) as host_socket,
  current_setting('datapunk.timezone', true) as timezone,
  current_setting('datapunk.language', true) as language,
  current_setting('datapunk.now', true) as now,
  current_setting('datapunk.import_dirs', true) as import_dirs;

-- name: http_status (text)
select ops.http_status($1) as status;
