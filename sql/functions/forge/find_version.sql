create or replace function forge.find_version(p_model text, p_version integer)
returns forge.version
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version;
  v_numbers text;
begin
  if p_version is null then
    return forge.served_version(p_model);
  end if;
  select v.* into v_version
  from forge.model as m
  join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
  where m.name = p_model and v.version = p_version and m.owner_id in ((select ops.current_owner()), 'system')
  order by m.owner_id = 'system'
  limit 1;
  if found then
    return v_version;
  end if;
  select string_agg(v.version::text, ', ' order by v.version) into v_numbers
  from forge.model as m
  join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
  where m.name = p_model and m.owner_id = (select ops.current_owner());
  perform ops.fail(
    'DP020', format('no version %s of a model "%s"', p_version, p_model),
    coalesce('Its versions: ' || v_numbers || '.', 'The view models lists your models.')
  );
  return null;
end
$$;

comment on function forge.find_version(text, integer) is
'A version of a model by its number, retired or not; the one that answers now where that is null. SQLSTATE DP020.';
