create or replace function gaia.forecast(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model constant text := gaia.deployed_model(array['forecaster'], p_parameters ->> 'model');
  v_rows jsonb;
begin
  if v_model is null or to_regprocedure('api.forge_forecast(text, integer, jsonb)') is null then
    return jsonb_build_object(
      'data', jsonb_build_object('model', null, 'recipe', 'forecaster', 'rows', '[]'::jsonb), 'citations', '[]'::jsonb
    );
  end if;
  execute 'select coalesce(jsonb_agg(to_jsonb(f)), ''[]''::jsonb) from api.forge_forecast($1, $2, ''{}''::jsonb) as f'
  into v_rows
  using v_model, coalesce((p_parameters ->> 'k')::integer, 4);
  return jsonb_build_object(
    'data', jsonb_build_object('model', v_model, 'recipe', 'forecaster', 'rows', v_rows), 'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.forecast(jsonb) is
'Subroutine forecast: the next p_parameters.k (4) steps by the owner''s newest deployed forecaster. data: model (null
when none is trained), recipe, rows of series, at, value, lower and upper.';
