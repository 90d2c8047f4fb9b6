create or replace function cortex.remove_provider(p_name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_generation bigint;
begin
  select g.id into v_generation
  from cortex.generation as g
  where g.model = p_name
  order by g.id
  limit 1;
  if v_generation is not null then
    perform ops.fail(
      '22023', format('generation %s uses the provider %s', v_generation, p_name),
      'Switch to another model, and drop that generation, first: cortex_generation_drop.'
    );
  end if;
  delete from cortex.provider as p where p.name = p_name;
  if not found then
    return false;
  end if;
  delete from forge.model as m
  where m.owner_id = 'system' and m.name = p_name and m.recipe in ('embedder', 'cross_encoder');
  return true;
end
$$;

comment on function cortex.remove_provider(text) is
'The part of api.cortex_provider_remove that writes. SQLSTATE 22023 while a generation uses it.';
