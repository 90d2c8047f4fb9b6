create or replace function gaia.explain_answer(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with answer as materialized (
  select a.id, a.question, a.answer, a.route, a.confidence, a.plan, a.models
  from gaia.answer as a
  where a.owner_id = (select ops.current_owner()) and a.route <> 'explain'
    and (p_parameters ->> 'conversation_id' is null or a.conversation_id = (p_parameters ->> 'conversation_id')::uuid)
  order by a.created_at desc
  limit 1
)
select jsonb_build_object(
  'data', coalesce(
    (
      select jsonb_build_object(
        'answer_id', a.id, 'question', a.question, 'answer', a.answer, 'route', a.route, 'confidence', a.confidence,
        'routes', a.plan -> 'routes', 'parameters', a.plan -> 'parameters', 'models', a.models,
        'written_by', a.plan -> 'written_by',
        'parts', (select jsonb_agg(p.value -> 'asks') from jsonb_array_elements(a.plan -> 'parts') as p)
      )
      from answer as a
    ),
    '{"answer_id": null}'::jsonb
  ),
  'citations', (
    select coalesce(jsonb_agg(jsonb_build_object('item_id', c.item_id, 'snippet', c.snippet) order by c.ordinal), '[]'::jsonb)
    from answer as a
    join gaia.citation as c on c.owner_id = (select ops.current_owner()) and c.answer_id = a.id
  )
);
$$;

comment on function gaia.explain_answer(jsonb) is
'Subroutine explain: how the answer before came about, that of p_parameters.conversation_id where it is given. data:
answer_id (null where there is none), question, answer, route with its confidence and rivals, parameters, models; of
a plan who has written it, and the parts that a language model has taken the question apart into.
Cites what that answer cites.';
