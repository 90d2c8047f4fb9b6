create or replace function forge.write_version(p_job_id bigint, p_token bigint, p_result jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job := forge.hold_job(p_job_id, p_token);
  v_dataset_id bigint;
  v_model_id bigint;
  v_version_id bigint;
  v_version integer;
begin
  insert into forge.dataset as d (fingerprint, query, columns, row_count, read_at)
  select s.fingerprint, v_job.query, s.columns, s.row_count, s.read_at
  from jsonb_to_record(p_result -> 'dataset')
    as s (fingerprint text, columns jsonb, row_count bigint, read_at timestamptz)
  on conflict (owner_id, fingerprint, md5(query)) do update set row_count = excluded.row_count
  returning d.id into v_dataset_id;
  insert into forge.model as m (name, recipe)
  values (v_job.model, v_job.recipe)
  on conflict on constraint model_name_uq do update set name = excluded.name
  returning m.id into v_model_id;
  insert into forge.version as v (
    model_id, version, recipe, job_id, dataset_id, parameters, seed, signature, libraries, code_version, sha256,
    primary_metric
  )
  select
    v_model_id,
    (select coalesce(max(o.version), 0) + 1 from forge.version as o
      where o.owner_id = v_job.owner_id and o.model_id = v_model_id),
    v_job.recipe, p_job_id, v_dataset_id, r.parameters, r.seed, r.signature, r.libraries, r.code_version, r.sha256,
    r.primary_metric
  from jsonb_to_record(p_result) as r (
    parameters jsonb, seed bigint, signature jsonb, libraries jsonb, code_version text, sha256 text, primary_metric text
  )
  returning v.id, v.version into v_version_id, v_version;
  insert into forge.metric (version_id, name, scored, value, lower, upper)
  select v_version_id, m.name, m.scored, m.value, m.lower, m.upper
  from jsonb_to_recordset(p_result -> 'metrics') as m (
    name text, scored text, value double precision, lower double precision, upper double precision
  );
  insert into forge.slice (
    version_id, attribute, slice, measure, metric, sensitive, row_count, value, lower, upper
  )
  select v_version_id, t.attribute, t.slice, t.measure, t.metric, t.sensitive, t.rows, t.value, t.lower, t.upper
  from jsonb_to_recordset(p_result -> 'slices') as t (
    attribute text, slice text, measure text, metric text, sensitive boolean, rows bigint, value double precision,
    lower double precision, upper double precision
  );
  insert into forge.lineage (version_id, ordinal, relation, source_owner, kind, source, row_count, since, until, basis)
  select
    v_version_id, t.number::integer, t.entry ->> 'relation', t.entry ->> 'owner', t.entry ->> 'kind',
    t.entry ->> 'source', (t.entry ->> 'rows')::bigint, (t.entry ->> 'since')::timestamptz,
    (t.entry ->> 'until')::timestamptz, t.entry ->> 'basis'
  from jsonb_array_elements(p_result -> 'dataset' -> 'origins') with ordinality as t (entry, number);
  perform stream.fan_out(
    'forge.version.' || regexp_replace(v_job.model, '[^A-Za-z0-9_-]', '_', 'g'),
    jsonb_build_object('model', v_job.model, 'recipe', v_job.recipe, 'version', v_version, 'job_id', p_job_id)
  );
  return v_version_id;
end
$$;

comment on function forge.write_version(bigint, bigint, jsonb) is
'Writes what a training learned as a new version of its model, with dataset and metrics; returns the version''s key.
Artefacts and rows follow in the same transaction, which finish_job ends. Published under forge.version.MODEL.
SQLSTATE 55000 when the token is stale.';
