create or replace function gaia.search(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with found as (
  select s.item_id, s.score, s.snippet, row_number() over () as rank
  from api.cortex_search(
    p_parameters ->> 'question',
    coalesce((p_parameters ->> 'k')::integer, 5),
    jsonb_strip_nulls(jsonb_build_object(
      'kinds', case when p_parameters ->> 'kind' is not null then jsonb_build_array(p_parameters ->> 'kind') end,
      'since', p_parameters ->> 'since', 'until', p_parameters ->> 'until'
    ))
  ) as s
)
select jsonb_build_object(
  'data', jsonb_build_object(
    'found', count(*),
    'passages', coalesce(jsonb_agg(jsonb_build_object(
      'item_id', f.item_id, 'score', f.score, 'text', left(coalesce(i.body, i.title, i.url), 4000)
    ) order by f.rank), '[]'::jsonb)
  ),
  'citations', coalesce(
    jsonb_agg(jsonb_build_object('item_id', f.item_id, 'snippet', f.snippet) order by f.rank), '[]'::jsonb
  )
)
from found as f
join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = f.item_id;
$$;

comment on function gaia.search(jsonb) is
'Subroutine search: the passages nearest to the question; data: found, passages (item_id, score, text). Cites them.';
