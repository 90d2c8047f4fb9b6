create or replace function gaia.recommend(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_version forge.version;
  v_fit constant jsonb := gaia.fitting_model(p_parameters, array['recommender']);
  v_model constant text := v_fit ->> 'model';
  v_subject text;
  v_rows jsonb;
begin
  if v_model is null then
    return jsonb_build_object(
      'data', jsonb_build_object('model', null, 'rows', '[]'::jsonb, 'trained', v_fit -> 'trained'),
      'citations', '[]'::jsonb
    );
  end if;
  v_version := forge.served_version(v_model);
  -- The owner, where the data set knows them by name; else the newest subject, as in the day or the session of today.
  select s.subject into v_subject
  from forge.interaction as s
  where s.owner_id = v_version.owner_id and s.version_id = v_version.id
  order by s.subject = (select ops.current_owner()) desc, s.subject collate "C" desc
  limit 1;
  with recommended as materialized (
    select r.item, r.score, r.reason, row_number() over () as rank
    from api.forge_recommend(
      v_model, coalesce(v_subject, ops.current_owner()), coalesce((p_parameters ->> 'k')::integer, 5)
    ) as r
  ), reason as materialized (
    select r.rank, b.value as name, b.ordinality as place
    from recommended as r
    cross join lateral jsonb_array_elements_text(
      case when jsonb_typeof(r.reason -> 'because') = 'array' then r.reason -> 'because' else '[]' end
    ) with ordinality as b
  ), named as materialized (
    select n.name, n.id, n.title
    from gaia.items_named(
      array(select r.item from recommended as r union select b.name from reason as b)
    ) as n
  )
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'value', r.item, 'score', r.score, 'reason', r.reason, 'item_id', i.id, 'title', i.title,
    'because', (
      select jsonb_agg(coalesce(n.title, b.name) order by b.place)
      from reason as b
      left join named as n on n.name = b.name
      where b.rank = r.rank
    )
  )) order by r.rank), '[]'::jsonb) into v_rows
  from recommended as r
  left join named as i on i.name = r.item;
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
'Subroutine recommend: asks the owner''s newest deployed recommender of what is asked for; data: model, version,
subject, rows of value, score, reason, and title, item_id and because (the titles of the reason) where they are known;
model is null when none fits (trained has what there is). Cites the newest item of each recommendation.';
