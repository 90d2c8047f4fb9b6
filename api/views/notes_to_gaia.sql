create or replace view api.notes_to_gaia
with (security_invoker = true)
as
select n.id as note_id, n.text, n.created_at
from gaia.note as n;

comment on view api.notes_to_gaia is
'Notes of the owner that Gaia keeps. You may change the text or delete the row.';
