create or replace function gaia.forecast(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fit constant jsonb := gaia.fitting_model(p_parameters, array['forecaster']);
  v_model constant text := v_fit ->> 'model';
  v_rows jsonb;
begin
  if v_model is null then
    return jsonb_build_object(
      'data', jsonb_build_object(
        'model', null, 'recipe', 'forecaster', 'rows', '[]'::jsonb, 'trained', v_fit -> 'trained'
      ),
      'citations', '[]'::jsonb
    );
  end if;
  -- All steps that the model knows, since more of them are asked of it than it may have.
  select coalesce(jsonb_agg(to_jsonb(s) - 'step' order by s.series, s.at), '[]'::jsonb) into v_rows
  from (
    select f.*, row_number() over (partition by f.series order by f.at) as step
    from api.forge_forecast(v_model, null, '{}'::jsonb) as f
  ) as s
  where s.step <= coalesce((p_parameters ->> 'k')::integer, 4)
    and (v_fit -> 'series' = '[]'::jsonb or v_fit -> 'series' ? s.series);
  return jsonb_build_object(
    'data', jsonb_build_object('model', v_model, 'recipe', 'forecaster', 'rows', v_rows), 'citations', '[]'::jsonb
  );
end
$$;

comment on function gaia.forecast(jsonb) is
'Subroutine forecast: the next p_parameters.k (4) steps by the owner''s newest deployed forecaster that learned what the
question is about, of the series that it names. data: model (null when none fits; trained has what there is), recipe,
rows of series, at, value, lower and upper.';
