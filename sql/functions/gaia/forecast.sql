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
  if v_model is null then
    return jsonb_build_object(
      'data', jsonb_build_object('model', null, 'recipe', 'forecaster', 'rows', '[]'::jsonb), 'citations', '[]'::jsonb
    );
  end if;
  -- All steps that the model knows, since more of them are asked of it than it may have.
  select coalesce(jsonb_agg(to_jsonb(s) - 'step' order by s.series, s.at), '[]'::jsonb) into v_rows
  from (
    select f.*, row_number() over (partition by f.series order by f.at) as step
    from api.forge_forecast(v_model, null, '{}'::jsonb) as f
  ) as s
  where s.step <= coalesce((p_parameters ->> 'k')::integer, 4);
  return jsonb_build_object(
    'data', jsonb_build_object('model', v_model, 'recipe', 'forecaster', 'rows', v_rows), 'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.forecast(jsonb) is
'Subroutine forecast: the next p_parameters.k (4) steps by the owner''s newest deployed forecaster. data: model (null
when none is trained), recipe, rows of series, at, value, lower and upper.';
