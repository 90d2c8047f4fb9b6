create or replace function gaia.recommend(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version;
  v_model text;
  v_subject text;
  v_rows jsonb;
begin
  select m.name into v_model
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id and d.retired_at is null
  where m.owner_id = (select ops.current_owner()) and m.recipe = 'recommender'
    and (p_parameters ->> 'model' is null or m.name = p_parameters ->> 'model')
  order by d.deployed_at desc
  limit 1;
  if v_model is null then
    return jsonb_build_object('data', jsonb_build_object('model', null, 'rows', '[]'::jsonb), 'citations', '[]'::jsonb);
  end if;
  v_version := forge.served_version(v_model);
  -- The owner, where the data set knows them by name; else the newest subject, as in the day or the session of today.
  select s.subject into v_subject
  from forge.interaction as s
  where s.owner_id = v_version.owner_id and s.version_id = v_version.id
  order by s.subject = (select ops.current_owner()) desc, s.subject collate "C" desc
  limit 1;
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'value', r.item, 'score', r.score, 'reason', r.reason, 'item_id', i.id, 'title', i.title
  ))), '[]'::jsonb) into v_rows
  from api.forge_recommend(
    v_model, coalesce(v_subject, ops.current_owner()), coalesce((p_parameters ->> 'k')::integer, 5)
  ) as r
  left join lateral (
    select n.id, n.title from lake.item as n
    where n.owner_id = (select ops.current_owner()) and n.kind in ('watch', 'visit') and n.url = r.item
    order by n.occurred_at desc nulls last limit 1
  ) as i on true;
  return jsonb_build_object(
    'data', jsonb_build_object('model', v_model, 'version', v_version.version, 'subject', v_subject, 'rows', v_rows),
    'citations', (
      select coalesce(jsonb_agg(jsonb_build_object('item_id', (r.value ->> 'item_id')::bigint)), '[]'::jsonb)
      from jsonb_array_elements(v_rows) as r
      where r.value ? 'item_id'
    )
  );
end
$$;

comment on function gaia.recommend(jsonb) is
'Subroutine recommend: asks the owner''s newest deployed recommender; data: model, version, subject, rows of value,
score and reason; model is null when none is trained. Cites the items that it recommends where they are known.';
