create or replace function gaia.anomalies(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fit constant jsonb := gaia.fitting_model(p_parameters, array['anomaly_detector']);
  v_model constant text := v_fit ->> 'model';
  v_zone constant text := coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC');
  v_since constant timestamptz := (p_parameters ->> 'since')::timestamptz;
  v_until constant timestamptz := (p_parameters ->> 'until')::timestamptz;
  v_query text;
  v_are_items boolean;
  v_are_times boolean;
  v_rows jsonb;
  v_cited jsonb;
begin
  if v_model is not null then
    -- The rows that the model learned from are those it can judge; the first column names them.
    select d.query, d.columns #>> '{0, name}' = 'item_id', d.columns #>> '{0, type}' in ('date', 'timestamp', 'timestamptz')
    into v_query, v_are_items, v_are_times
    from api.datasets as d where d.model = v_model order by d.version desc limit 1;
  end if;
  if v_query is null then
    return jsonb_build_object(
      'data', jsonb_build_object(
        'model', null, 'recipe', 'anomaly_detector', 'rows', '[]'::jsonb, 'trained', v_fit -> 'trained'
      ),
      'citations', '[]'::jsonb
    );
  end if;
  with scored as materialized (
    select
      f.*, case when v_are_items then f.key::bigint end as item_id,
      case when v_are_times then f.key::timestamp at time zone v_zone end as at
    from api.forge_score(v_model, v_query, '{}'::jsonb) as f
  ), judged as (
    select s.key, s.value, s.label, s.probability, i.id, coalesce(i.title, i.url) as title, coalesce(i.occurred_at, s.at) as at
    from scored as s
    left join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = s.item_id
  ), most as (
    select j.*
    from judged as j
    where not (v_are_items or v_are_times)
      or ((v_since is null or j.at >= v_since) and (v_until is null or j.at < v_until))
    order by j.value desc
    limit coalesce((p_parameters ->> 'k')::integer, 5)
  )
  select
    coalesce(jsonb_agg(jsonb_build_object(
      'key', m.key, 'value', m.value, 'label', m.label, 'probability', m.probability
    ) || jsonb_strip_nulls(jsonb_build_object('item_id', m.id, 'title', m.title, 'at', m.at)) order by m.value desc), '[]'),
    coalesce(jsonb_agg(jsonb_build_object('item_id', m.id) order by m.value desc) filter (where m.id is not null), '[]')
  into v_rows, v_cited
  from most as m;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'model', v_model, 'recipe', 'anomaly_detector', 'dated', v_are_items or v_are_times, 'rows', v_rows
    ),
    'citations', v_cited
  );
end
$$;

comment on function gaia.anomalies(jsonb) is
'Subroutine anomalies: the most unusual rows of the dataset of the owner''s newest deployed anomaly detector
that learned what the question is about. Where the dataset''s first column is item_id or a time, the rows have item_id,
title and at, are those between since and until, and the items are cited. data: model (null when none fits; trained has
what there is), recipe, dated (whether the rows have a time), rows as of forge_score, the most unusual first.';
