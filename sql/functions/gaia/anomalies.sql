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
  v_query text;
  v_rows jsonb;
begin
  if v_model is not null then
    -- The rows that the model learned from are those it can judge.
    select d.query into v_query from api.datasets as d where d.model = v_model order by d.version desc limit 1;
  end if;
  if v_query is null then
    return jsonb_build_object(
      'data', jsonb_build_object(
        'model', null, 'recipe', 'anomaly_detector', 'rows', '[]'::jsonb, 'trained', v_fit -> 'trained'
      ),
      'citations', '[]'::jsonb
    );
  end if;
  select coalesce(jsonb_agg(to_jsonb(s) order by s.value desc), '[]'::jsonb) into v_rows
  from (
    select f.*
    from api.forge_score(v_model, v_query, '{}'::jsonb) as f
    order by f.value desc
    limit coalesce((p_parameters ->> 'k')::integer, 5)
  ) as s;
  return jsonb_build_object(
    'data', jsonb_build_object('model', v_model, 'recipe', 'anomaly_detector', 'rows', v_rows), 'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.anomalies(jsonb) is
'Subroutine anomalies: the most unusual rows of the dataset of the owner''s newest deployed anomaly detector
that learned what the question is about. data: model (null when none fits; trained has what there is), recipe, rows as of forge_score, the most unusual first.';
