create or replace function cortex.store_model(
  p_name text, p_recipe text, p_config jsonb, p_files text[], p_types text[], p_contents bytea[]
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model bigint;
  v_version bigint;
  v_number integer;
  v_hash constant text := (
    select encode(sha256(string_agg(sha256(u.content), '' order by u.name)), 'hex')
    from unnest(p_files, p_contents) as u (name, content)
  );
begin
  if not exists (select from cortex.provider as p where p.name = p_name) then
    return false;
  end if;
  insert into forge.model as m (owner_id, name, recipe) values ('system', p_name, p_recipe)
  on conflict on constraint model_name_uq do update set recipe = excluded.recipe where m.recipe = excluded.recipe
  returning m.id into v_model;
  if v_model is null then
    raise exception 'there is a model % already, of another recipe', p_name
      using errcode = '23505', hint = 'Choose another name for the provider.';
  end if;
  if exists (
    select
    from forge.version as v
    join forge.deployment as d on d.owner_id = v.owner_id and d.version_id = v.id and d.retired_at is null
    where v.owner_id = 'system' and v.model_id = v_model and v.sha256 = v_hash
  ) then
    return false;
  end if;
  select coalesce(max(v.version), 0) + 1 into v_number
  from forge.version as v
  where v.owner_id = 'system' and v.model_id = v_model;
  insert into forge.version (owner_id, model_id, version, recipe, parameters, signature, code_version, sha256)
  select 'system', v_model, v_number, p_recipe, p_config, jsonb_build_object('input', 'text'), i.code_version, v_hash
  from ops.installation as i
  returning id into v_version;
  insert into forge.artifact (owner_id, version_id, name, media_type, sha256, content)
  select 'system', v_version, u.name, u.type, encode(sha256(u.content), 'hex'), u.content
  from unnest(p_files, p_types, p_contents) as u (name, type, content);
  update forge.deployment as d
  set retired_at = clock_timestamp()
  where d.owner_id = 'system' and d.model_id = v_model and d.retired_at is null;
  insert into forge.deployment (owner_id, model_id, version_id, reason)
  values ('system', v_model, v_version, 'exported for a provider');
  return true;
end
$$;

comment on function cortex.store_model(text, text, jsonb, text[], text[], bytea[]) is
'Stores the model that was exported for a provider, for everybody; false when it is there or the provider is gone.
SQLSTATE 23505 when a model of another recipe has its name. For datapunk_worker only.';
