create or replace function api.lake_upload_chunk(
  bytea
)
returns table (
  upload_id uuid,
  chunk integer,
  received integer,
  missing integer
)
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
from datapunk.lake import entry
return [entry.upload_chunk(plpy, GD, args[0])]
$$;

comment on function api.lake_upload_chunk(bytea) is
'Takes one chunk, the body of an HTTP request as it is (Content-Type: application/octet-stream). Headers:
Datapunk-Upload (what lake_upload_begin returned), Datapunk-Chunk (its number, from 0) and, if wanted, Datapunk-Sha256 of the chunk in hex.
The same chunk again is harmless. Returns how many are there and how many are missing.
P0002 no such upload, or expired; 22023 a number or size that does not fit; DP010 another hash.';
