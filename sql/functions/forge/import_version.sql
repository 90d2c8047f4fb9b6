create or replace function forge.import_version(
  p_package jsonb, p_model text, p_signer text, p_names text[], p_contents bytea[]
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_model forge.model;
  v_dataset_id bigint;
  v_version_id bigint;
  v_version integer;
  v_table text;
begin
  if exists (select from forge.model as m where m.owner_id = 'system' and m.name = p_model) then
    perform ops.fail(
      '23505', format('the model "%s" came with the installation', p_model), 'Give the import another name: {"model": "..."}.'
    );
  end if;
  insert into forge.model as m (name, recipe)
  values (p_model, p_package -> 'version' ->> 'recipe')
  on conflict on constraint model_name_uq do update set name = excluded.name
  returning m.* into v_model;
  if v_model.recipe <> p_package -> 'version' ->> 'recipe' then
    perform ops.fail(
      '23505', format('the model "%s" is a %s', p_model, v_model.recipe), 'Give the import another name: {"model": "..."}.'
    );
  end if;
  if jsonb_typeof(p_package -> 'dataset') = 'object' then
    insert into forge.dataset as d (fingerprint, query, columns, row_count, read_at)
    select s.fingerprint, '-- of the database that it was trained in', s.columns, s.row_count, s.read_at
    from jsonb_to_record(p_package -> 'dataset') as s (
      fingerprint text, columns jsonb, row_count bigint, read_at timestamptz
    )
    on conflict (owner_id, fingerprint, md5(query)) do update set row_count = excluded.row_count
    returning d.id into v_dataset_id;
  end if;
  insert into forge.version as v (
    model_id, version, recipe, dataset_id, primary_metric, parameters, seed, signature, libraries, code_version, sha256,
    imported_from
  )
  select
    v_model.id,
    (select coalesce(max(o.version), 0) + 1 from forge.version as o where o.owner_id = v_owner and o.model_id = v_model.id),
    v_model.recipe, v_dataset_id, r.primary_metric, r.parameters - 'comparison', r.seed, r.signature, r.libraries,
    r.code_version, r.sha256,
    jsonb_build_object('signer', p_signer, 'model', p_package -> 'model', 'version', r.version)
  from jsonb_to_record(p_package -> 'version') as r (
    version integer, primary_metric text, parameters jsonb, seed bigint, signature jsonb, libraries jsonb,
    code_version text, sha256 text
  )
  returning v.id, v.version into v_version_id, v_version;
  insert into forge.metric (version_id, name, scored, value, lower, upper)
  select v_version_id, t.name, t.scored, t.value, t.lower, t.upper
  from jsonb_to_recordset(p_package -> 'metrics') as t (
    name text, scored text, value double precision, lower double precision, upper double precision
  );
  insert into forge.artifact (version_id, name, media_type, sha256, content)
  select
    v_version_id, f.name, coalesce(p_package -> 'media_types' ->> f.name, 'application/octet-stream'),
    forge.plain_sha256(f.content), f.content
  from unnest(p_names, p_contents) as f (name, content);
  foreach v_table in array array['popularity', 'neighbour', 'interaction', 'forecast', 'slice', 'lineage'] loop
    execute format(
      'insert into forge.%1$I select r.* from jsonb_array_elements($1) as e cross join lateral '
      'jsonb_populate_record(null::forge.%1$I, e.value || jsonb_build_object(''owner_id'', $2, ''version_id'', $3)) as r',
      v_table
    ) using coalesce(p_package -> 'rows' -> v_table, '[]'), v_owner, v_version_id;
  end loop;
  return v_version;
end
$$;

comment on function forge.import_version(jsonb, text, text, text[], bytea[]) is
'Writes a package as the next version of the owner''s model of that name, not deployed; returns its number. Who calls it
has checked the signature. SQLSTATE 23505 when the model is of another recipe.';
