create or replace function gaia.predict(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model constant text := gaia.deployed_model(
    array['classifier', 'regressor', 'text_classifier', 'clusterer'], p_parameters ->> 'model'
  );
  v_text constant text := p_parameters ->> 'quoted';
begin
  return jsonb_build_object(
    'data', jsonb_build_object(
      'model', v_model, 'recipe', 'text_classifier', 'text', v_text,
      'result', case when v_model is not null and v_text is not null
        then api.forge_predict(v_model, jsonb_build_object('text', v_text)) end
    ),
    'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.predict(jsonb) is
'Subroutine predict: what the owner''s newest deployed model (p_parameters.model) says of the text that the question
quotes. data: model (null when none is trained), text, result as of forge_predict. Models of several inputs are
asked by forge_predict.';
