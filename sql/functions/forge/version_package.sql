create or replace function forge.version_package(p_version_id bigint)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_package jsonb;
  v_table text;
  v_rows jsonb;
begin
  select jsonb_build_object(
    'model', m.name,
    'version', to_jsonb(v) - array['owner_id', 'id', 'model_id', 'job_id', 'dataset_id', 'stale_reason', 'imported_from'],
    -- The query may tell of its owner, and means nothing elsewhere.
    'dataset', to_jsonb(d) - array['owner_id', 'id', 'query'],
    'metrics', (
      select coalesce(jsonb_agg(to_jsonb(t) - array['owner_id', 'version_id'] order by t.name, t.scored), '[]')
      from forge.metric as t
      where t.owner_id = v.owner_id and t.version_id = v.id
    ),
    'media_types', (
      select coalesce(jsonb_object_agg(a.name, a.media_type), '{}')
      from forge.artifact as a
      where a.owner_id = v.owner_id and a.version_id = v.id
    )
  ) into v_package
  from forge.version as v
  join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
  left join forge.dataset as d on d.owner_id = v.owner_id and d.id = v.dataset_id
  where v.owner_id = (select ops.current_owner()) and v.id = p_version_id;
  foreach v_table in array array['popularity', 'neighbour', 'interaction', 'forecast', 'slice', 'lineage'] loop
    execute format(
      'select jsonb_agg(to_jsonb(t) - array[''owner_id'', ''version_id'']) from forge.%I as t '
      'where t.owner_id = ops.current_owner() and t.version_id = $1', v_table
    ) into v_rows using p_version_id;
    if v_rows is not null then
      v_package := v_package || jsonb_build_object('rows', coalesce(v_package -> 'rows', '{}')
        || jsonb_build_object(v_table, v_rows));
    end if;
  end loop;
  return v_package;
end
$$;

comment on function forge.version_package(bigint) is
'All that a version is but for its files: its row, metrics, the fingerprint of its dataset without the query, and the
rows of a recommender or forecaster, figures by slice, lineage. Null for somebody else''s.';
