create or replace function forge.compile_version(p_version_id bigint)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_version forge.version;
  v_model text;
  v_native jsonb;
  v_content bytea;
  v_features jsonb;
  v_argument record;
  v_arguments text[] := array[]::text[];
  v_types text[];
  v_columns text[] := array[]::text[];
  v_name text;
  v_labels integer;
begin
  select v.* into v_version
  from forge.version as v
  where v.owner_id = v_owner and v.id = p_version_id and v.retired_at is null;
  if not found then
    perform ops.fail('DP020', format('no version with key %s', p_version_id), 'Compile a version of your own.');
  end if;
  select m.name into strict v_model from forge.model as m where m.owner_id = v_owner and m.id = v_version.model_id;
  select a.content into v_content
  from forge.artifact as a
  where a.owner_id = v_owner and a.version_id = p_version_id and a.name = 'native.json';
  if forge.key_of(v_content) is not null then
    perform ops.fail(
      'DP002', format('version %s of "%s" is encrypted', v_version.version, v_model),
      'The text of a function can be read by everybody here; forge_score serves an encrypted version.'
    );
  end if;
  v_native := convert_from(v_content, 'UTF8')::jsonb;
  v_features := v_version.signature -> 'features';
  if v_native is null or exists (
    select from jsonb_array_elements(v_features) as f where f.value ->> 'kind' in ('text', 'vector')
  ) then
    perform ops.fail(
      '22023', format('version %s of "%s" has no form in SQL', v_version.version, v_model),
      coalesce(
        'The reason: ' || nullif(v_version.parameters ->> 'sql_form', 'native') || '. forge_score serves any model.',
        'Linear models and trees over numbers, booleans, categories and times have one; forge_score serves any model.'
      )
    );
  end if;
  v_types := forge.argument_types(v_features);
  for v_argument in
    select f.value as feature, f.ordinality::integer as number, f.value ->> 'name' as name
    from jsonb_array_elements(v_features) with ordinality as f
    order by f.ordinality
  loop
    v_arguments := v_arguments || format('%I %s', v_argument.name, v_types[v_argument.number]);
    v_columns := v_columns
      || forge.matrix_expressions(v_argument.feature, '$' || v_argument.number, v_types[v_argument.number]);
  end loop;
  if cardinality(v_arguments) > 100 then
    perform ops.fail(
      '22023', format('version %s of "%s" has %s features', v_version.version, v_model, cardinality(v_arguments)),
      'A function takes 100 arguments at most; forge_score serves any model.'
    );
  end if;
  v_labels := jsonb_array_length(v_version.signature -> 'labels');
  v_name := format(
    '%s_v%s_%s', left(lower(regexp_replace(v_model, '[^A-Za-z0-9]+', '_', 'g')), 30), v_version.version,
    left(encode(sha256(convert_to(v_owner || ' ' || p_version_id, 'UTF8')), 'hex'), 8)
  );
  execute format(
    'create or replace function model_sql.%I(%s) returns %s language %s immutable parallel safe security invoker cost %s as %L',
    v_name, array_to_string(v_arguments, ', '), case when v_labels > 2 then 'double precision[]' else 'double precision' end,
    case when forge.has_trees(v_native) then 'plpgsql' else 'sql' end, forge.comparisons(v_native),
    case
      when forge.has_trees(v_native) then forge.compiled_body(v_native, v_columns)
      else 'select ' || forge.native_sql(v_native, v_columns, null)
    end
  );
  execute format('grant execute on function model_sql.%I to datapunk_user', v_name);
  execute format(
    'comment on function model_sql.%I is %L', v_name,
    format('Version %s of a model, compiled by forge_compile: ', v_version.version) || case
      when v_labels > 2 then 'the probabilities of the labels, in the order of its signature.'
      when v_labels = 2 then 'the probability of the second label of its signature.'
      else 'the predicted value.'
    end
  );
  insert into forge.compiled (version_id, name, types)
  values (p_version_id, v_name, v_types)
  on conflict on constraint compiled_pk do update set name = excluded.name, types = excluded.types;
  return 'model_sql.' || v_name;
end
$$;

comment on function forge.compile_version(bigint) is
'Makes a function of schema model_sql from the native form of a version: only numbers from it and quoted names get into
its text. Returns the qualified name. SQLSTATE 22023 where there is no such form, DP002 where the version is encrypted, DP020.';
