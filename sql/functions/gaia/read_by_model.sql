create or replace function gaia.read_by_model(p_parameters jsonb, p_recipes text[], p_kinds text[])
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fit constant jsonb := gaia.fitting_model(p_parameters, p_recipes);
  v_model constant text := v_fit ->> 'model';
  v_rows jsonb;
begin
  if v_model is null then
    return jsonb_build_object(
      'data', jsonb_build_object(
        'model', null, 'recipe', p_recipes[1], 'rows', '[]'::jsonb, 'trained', v_fit -> 'trained'
      ),
      'citations', '[]'::jsonb
    );
  end if;
  with text as materialized (
    select m.id, concat_ws(E'\n', i.title, left(i.body, 2000)) as body, m.occurred_at
    from gaia.matching_items(p_parameters || jsonb_build_object('kinds', p_kinds)) as m
    join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = m.id
    order by m.occurred_at desc nulls last
    limit least(coalesce((p_parameters ->> 'k')::integer, 20), 100)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'item_id', t.id, 'at', t.occurred_at, 'result', api.forge_predict(v_model, jsonb_build_object('text', t.body))
  ) order by t.occurred_at desc), '[]'::jsonb) into v_rows
  from text as t;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'model', v_model, 'recipe', p_recipes[1], 'count', jsonb_array_length(v_rows), 'rows', v_rows,
      'labels', (
        select coalesce(jsonb_object_agg(l.label, l.number), '{}'::jsonb)
        from (
          select r.value #>> '{result, label}' as label, count(*) as number
          from jsonb_array_elements(v_rows) as r
          where r.value #>> '{result, label}' is not null
          group by 1
        ) as l
      )
    ),
    'citations', (
      select coalesce(jsonb_agg(jsonb_build_object('item_id', r.value -> 'item_id')), '[]'::jsonb)
      from jsonb_array_elements(v_rows) as r
    )
  );
end
$$;

comment on function gaia.read_by_model(jsonb, text[], text[]) is
'What the owner''s newest deployed model of these recipes says of the texts of these kinds that a question is about,
newest first, at most 100. data: model (null when none is trained), recipe, count, labels (how often each) and rows
of item_id, at and result, as forge_predict returns it.';
