create or replace function gaia.predict(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fit constant jsonb := gaia.fitting_model(
    p_parameters, array['classifier', 'regressor', 'text_classifier', 'clusterer']
  );
  v_model constant text := v_fit ->> 'model';
  v_text constant text := p_parameters ->> 'quoted';
begin
  return jsonb_build_object(
    'data', jsonb_build_object(
      'model', v_model, 'recipe', 'text_classifier', 'text', v_text, 'trained', v_fit -> 'trained',
      'result', case when v_model is not null and v_text is not null
        then api.forge_predict(v_model, jsonb_build_object('text', v_text)) end
    ),
    'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.predict(jsonb) is
'Subroutine predict: what the owner''s newest deployed model that learned what the question is about (or
p_parameters.model) says of the text that it quotes. data: model (null when none fits; trained has what there is), text,
result as of forge_predict. Models of several inputs are
asked by forge_predict.';
