create or replace function gaia.sentiment(p_parameters jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select gaia.read_by_model(p_parameters, array['sentiment'], array['mail', 'message', 'note', 'document']);
$$;

comment on function gaia.sentiment(jsonb) is
'Subroutine sentiment: the mood of mails, messages and notes, by the owner''s newest deployed model; data as of
gaia.read_by_model.';
