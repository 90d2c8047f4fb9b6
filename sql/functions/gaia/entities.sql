create or replace function gaia.entities(p_parameters jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select gaia.read_by_model(p_parameters, array['entity_recognizer'], array['mail', 'message', 'note', 'document']);
$$;

comment on function gaia.entities(jsonb) is
'Subroutine entities: the names in mails, messages, notes and documents, by the owner''s newest deployed model; data
as of gaia.read_by_model.';
