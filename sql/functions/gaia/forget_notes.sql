create or replace function gaia.forget_notes(p_parameters jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
with word as materialized (
  select distinct u.lexeme
  from regexp_split_to_table(lower(coalesce(p_parameters ->> 'note', p_parameters ->> 'topic', '')), '\s+') as w (word)
  cross join lateral unnest(to_tsvector('english', w.word)) as u
), gone as (
  delete from gaia.note as n
  where n.owner_id = (select ops.current_owner())
    and exists (select from word)
    and not exists (
      select from word as w
      where w.lexeme not in (select u.lexeme from unnest(to_tsvector('english', n.text)) as u)
    )
  returning n.text
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'forgotten', count(*), 'notes', coalesce(jsonb_agg(g.text order by g.text), '[]'::jsonb)
  ),
  'citations', '[]'::jsonb
)
from gone as g;
$$;

comment on function gaia.forget_notes(jsonb) is
'Subroutine forget: deletes the owner''s notes to Gaia that hold all words of p_parameters.note (else topic), and
nothing else: what is in the lake is forgotten by lake_forget. data: forgotten and notes, their texts.';
