create or replace function gaia.compare(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_side jsonb;
  v_one jsonb;
  v_rows jsonb := '[]';
  v_cited jsonb := '[]';
begin
  for v_side in select s.value from jsonb_array_elements(coalesce(p_parameters -> 'sides', '[]')) as s loop
    v_one := gaia.count((p_parameters - 'sides') || (v_side - 'label'));
    v_rows := v_rows || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
      'label', v_side ->> 'label', 'count', v_one #> '{data, count}', 'seconds', v_one #> '{data, seconds}',
      'average', v_one #> '{data, average}'
    )));
    v_cited := v_cited || coalesce(jsonb_path_query_array(v_one, '$.citations[0]'), '[]');
  end loop;
  return jsonb_build_object(
    'data', jsonb_build_object(
      'kind', p_parameters ->> 'kind', 'measure', coalesce(p_parameters ->> 'measure', 'count'), 'rows', v_rows,
      'difference', case when jsonb_array_length(v_rows) = 2
        then (v_rows #>> '{0, count}')::bigint - (v_rows #>> '{1, count}')::bigint end,
      'ratio', case when jsonb_array_length(v_rows) = 2 and (v_rows #>> '{1, count}')::bigint > 0
        then round((v_rows #>> '{0, count}')::numeric / (v_rows #>> '{1, count}')::numeric, 2) end
    ),
    'citations', v_cited
  );
end
$$;

comment on function gaia.compare(jsonb) is
'Subroutine compare: the same count for each of p_parameters.sides, objects with a label and the parameters in which
they differ. data: rows of label and count (with seconds or average where these are measured), difference and ratio
of the first two. Cites the newest item of each.';
